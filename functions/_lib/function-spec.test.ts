import { expect, test } from 'vitest'
import { domainOf, type QueueName, queueParallelism, triggerNameOf } from './function-spec.ts'

test('the domain is what is before the first hyphen', () => {
  expect(domainOf({ name: 'waste-upload-complete' })).toBe('waste')
  expect(domainOf({ name: 'events-relay' })).toBe('events')
})

test('deliveries at once keep the weights of the queues', () => {
  const { ai, api, sched, batch } = queueParallelism
  expect([ai, api, sched, batch]).toEqual([10, 5, 3, 1])
})

test('every trigger has a name of its own that Kubernetes takes', () => {
  const names = (Object.keys(queueParallelism) as QueueName[]).map(triggerNameOf)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^q-[a-z0-9]+(-[a-z0-9]+)*$/)
  expect(triggerNameOf('gpt5_analysis')).toBe('q-gpt5-analysis')
})

test('every step of an analysis has the weight of the whole', () => {
  const { ai, image_upload, gpt5_analysis, rule_retrieval, response_generation } = queueParallelism
  expect([image_upload, gpt5_analysis, rule_retrieval, response_generation]).toEqual([ai, ai, ai, ai])
})
