import { expect, it } from 'vitest'
import { deferSeconds } from './deferral.ts'
import { OutboundDeferredError } from './outbound-call.ts'

const failed = new OutboundDeferredError('s', 'failed', 5)
const throttled = new OutboundDeferredError('s', 'throttled', 60)

it('doubles after each failure, to half an hour', () => {
  expect([0, 1, 2, 9, 100].map((attempts) => deferSeconds(failed, attempts, () => 0))).toEqual([
    5, 10, 20, 1_800, 1_800,
  ])
})

it('is what the service asked for, after any number of attempts', () => {
  expect([0, 7].map((attempts) => deferSeconds(throttled, attempts, () => 0))).toEqual([60, 60])
})

it('is spread, and never earlier', () => {
  expect([deferSeconds(throttled, 0, () => 0.99), deferSeconds(failed, 0, () => 0.99)]).toEqual([75, 7])
})
