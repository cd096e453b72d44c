import { expect, test } from 'vitest'
import type { QueueName } from '../events/queue-name.ts'
import { domainOf, queueParallelism, queueWeight, triggerNameOf } from './function-spec.ts'

test('the domain is what is before the first hyphen', () => {
  expect(domainOf({ name: 'waste-upload-complete' })).toBe('waste')
  expect(domainOf({ name: 'events-relay' })).toBe('events')
})

test('the queues have the weights 10, 5, 3 and 1', () => {
  const { ai, api, sched, batch } = queueWeight
  expect([ai, api, sched, batch]).toEqual([10, 5, 3, 1])
})

test('a queue has at least its weight in deliveries at once beside every lighter one', () => {
  const names = Object.keys(queueWeight) as QueueName[]
  for (const heavy of names) {
    for (const light of names.filter((name) => queueWeight[name] < queueWeight[heavy])) {
      const share = queueParallelism[heavy] / queueParallelism[light]
      expect(share).toBeGreaterThanOrEqual(queueWeight[heavy] / queueWeight[light])
    }
  }
})

test('where a delivery waits for the model, no event that a dispatcher holds waits for another', () => {
  expect([queueParallelism.ai, queueParallelism.gpt5_analysis]).toEqual([100, 100])
})

test('every trigger has a name of its own that Kubernetes takes', () => {
  const names = (Object.keys(queueParallelism) as QueueName[]).map(triggerNameOf)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^q-[a-z0-9]+(-[a-z0-9]+)*$/)
  expect(triggerNameOf('gpt5_analysis')).toBe('q-gpt5-analysis')
})

test('every step of an analysis has the weight of the whole', () => {
  const { ai, image_upload, gpt5_analysis, rule_retrieval, response_generation } = queueWeight
  expect([image_upload, gpt5_analysis, rule_retrieval, response_generation]).toEqual([ai, ai, ai, ai])
})
