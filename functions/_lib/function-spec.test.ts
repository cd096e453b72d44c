import { expect, test } from 'vitest'
import { domainOf, queueParallelism } from './function-spec.ts'

test('the domain is what is before the first hyphen', () => {
  expect(domainOf({ name: 'waste-upload-complete' })).toBe('waste')
  expect(domainOf({ name: 'events-relay' })).toBe('events')
})

test('deliveries at once keep the weights of the queues', () => {
  const { ai, api, sched, batch } = queueParallelism
  expect([ai, api, sched, batch]).toEqual([10, 5, 3, 1])
})
