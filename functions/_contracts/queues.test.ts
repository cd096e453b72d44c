import { expect, test } from 'vitest'
import { triggerNameOf } from '../_lib/process/function-spec.ts'
import { queueNames, queueParallelism, queueWeight } from './queues.ts'

test('the queues have the weights 10, 5, 3 and 1', () => {
  const { ai, api, sched, batch } = queueWeight
  expect([ai, api, sched, batch]).toEqual([10, 5, 3, 1])
})

test('a queue has at least its weight in concurrent deliveries beside every lighter one', () => {
  for (const heavy of queueNames) {
    for (const light of queueNames.filter((name) => queueWeight[name] < queueWeight[heavy])) {
      const share = queueParallelism[heavy] / queueParallelism[light]
      expect(share).toBeGreaterThanOrEqual(queueWeight[heavy] / queueWeight[light])
    }
  }
})

test('where a delivery waits for the model, no event that a dispatcher holds waits for another', () => {
  expect([queueParallelism.ai, queueParallelism.gpt5_analysis]).toEqual([100, 100])
})

test('every trigger has a name of its own that Kubernetes takes', () => {
  const names = queueNames.map(triggerNameOf)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^q-[a-z0-9]+(-[a-z0-9]+)*$/)
  expect(triggerNameOf('gpt5_analysis')).toBe('q-gpt5-analysis')
})

test('every step of an analysis has the weight of the whole', () => {
  const { ai, image_upload, gpt5_analysis, rule_retrieval, response_generation } = queueWeight
  expect([image_upload, gpt5_analysis, rule_retrieval, response_generation]).toEqual([ai, ai, ai, ai])
})
