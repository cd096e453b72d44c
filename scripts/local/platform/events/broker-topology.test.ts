import { expect, test } from 'vitest'
import { readLocalDeployment } from '../deployment/read-local-deployment.ts'
import { brokerNamespaceOf, brokerTopologyOf } from './broker-topology.ts'

const urlOf = (name: string) => `http://${name}.test`
const deadLetterSink = { broker: 'growbin-dlq' }

test('every trigger and broker runs as its manifest says, its dead letter sink included', async () => {
  const deployment = await readLocalDeployment('single')
  const { brokers, triggers } = brokerTopologyOf(deployment, urlOf)
  expect(brokers).toEqual([
    {
      name: 'growbin',
      delivery: { retry: 3, backoffPolicy: 'exponential', backoffDelay: 'PT0.5S', timeoutSeconds: 30 },
    },
    { name: 'growbin-dlq', delivery: { retry: 2, backoffPolicy: 'linear', backoffDelay: 'PT5S', timeoutSeconds: 5 } },
  ])
  expect(triggers.map(({ name }) => name)).toEqual(['q-ai', 'q-api', 'q-batch', 'q-dlq', 'q-sched'])
  expect(triggers[0]).toEqual({
    name: 'q-ai',
    broker: 'growbin',
    filter: { queue: 'ai' },
    subscriber: 'http://waste-ai-analyze.test/',
    parallelism: 100,
    delivery: { retry: 3, backoffPolicy: 'exponential', backoffDelay: 'PT1S', timeoutSeconds: 40, deadLetterSink },
  })
  expect(triggers.find(({ name }) => name === 'q-dlq')).toMatchObject({
    broker: 'growbin-dlq',
    filter: {},
    subscriber: 'http://events-dead-letter.test/',
    delivery: { deadLetterSink },
  })
  expect(triggers.every(({ delivery }) => delivery?.deadLetterSink !== undefined)).toBe(true)
  expect(brokerNamespaceOf(deployment)).toBe('messaging')
})

test('the steps of an analysis have their queues in the variant that has them, and in no other', async () => {
  const { triggers } = brokerTopologyOf(await readLocalDeployment('stages'), urlOf)
  const filters = triggers.map(({ filter }) => filter.queue)
  for (const queue of ['image_upload', 'gpt5_analysis', 'rule_retrieval', 'response_generation'])
    expect(filters).toContain(queue)
})

test('a changed time-out, retry, parallelism or dead letter sink of a manifest changes what runs', async () => {
  const { brokers, triggers } = await readLocalDeployment('single')
  const changed = triggers.map((trigger) => ({
    ...trigger,
    parallelism: 7,
    delivery: {
      retry: 9,
      timeout: 'PT1M',
      deadLetterSink: { service: 'events-dead-letter', namespace: 'events' },
    },
  }))
  for (const trigger of brokerTopologyOf({ brokers, triggers: changed }, urlOf).triggers) {
    expect(trigger).toMatchObject({
      parallelism: 7,
      delivery: { retry: 9, timeoutSeconds: 60, deadLetterSink: { url: 'http://events-dead-letter.test/' } },
    })
  }
})

test('a time-out that is no duration, and brokers of two namespaces, are refused', async () => {
  const { brokers, triggers } = await readLocalDeployment('single')
  const broken = triggers.map((trigger) => ({ ...trigger, delivery: { timeout: '30 s' } }))
  expect(() => brokerTopologyOf({ brokers, triggers: broken }, urlOf)).toThrow(
    'The timeout "30 s" of trigger "q-ai" is not',
  )
  const [first, ...others] = brokers
  if (!first) return expect.fail('There is no broker')
  expect(() => brokerNamespaceOf({ brokers: [{ ...first, namespace: 'other' }, ...others] })).toThrow(
    'in one namespace',
  )
})
