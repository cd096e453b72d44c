import { expect, it } from 'vitest'
import { OutsidePutOffError } from './outside-call.ts'
import { putOffSeconds } from './put-off.ts'

const failed = new OutsidePutOffError('s', 'failed', 5)
const throttled = new OutsidePutOffError('s', 'throttled', 60)

it('doubles after each failure, to half an hour', () => {
  expect([0, 1, 2, 9, 100].map((attempts) => putOffSeconds(failed, attempts, () => 0))).toEqual([
    5, 10, 20, 1_800, 1_800,
  ])
})

it('is what the service asked for, however often it was asked', () => {
  expect([0, 7].map((attempts) => putOffSeconds(throttled, attempts, () => 0))).toEqual([60, 60])
})

it('is spread, and never earlier', () => {
  expect([putOffSeconds(throttled, 0, () => 0.99), putOffSeconds(failed, 0, () => 0.99)]).toEqual([75, 7])
})
