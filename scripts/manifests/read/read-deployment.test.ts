import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Resource } from '../resource.ts'
import { readDeployment } from './read-deployment.ts'
import { resolveKustomization } from './resolve-kustomization.ts'

const root = join(import.meta.dirname, '../../..')
let resources: Resource[]
beforeAll(async () => {
  const parts = ['knative/overlays/local', 'eventing/overlays/local'].map((path) => resolveKustomization(root, path))
  resources = (await Promise.all(parts)).flat()
})

/** The resources of the local overlays, with one of them changed. */
function withChange(kind: string, name: string, change: (resource: Changed) => void): Resource[] {
  const changed = structuredClone(resources)
  const found = changed.find((resource) => resource.kind === kind && resource.metadata.name === name)
  change(found as unknown as Changed)
  return changed
}
// biome-ignore lint/suspicious/noExplicitAny: a test puts anything anywhere
type Changed = any

test('reads how a function runs, with every variable and where its value is kept', () => {
  const service = readDeployment(resources).services.find(({ name }) => name === 'events-operate')
  expect(service).toEqual({
    name: 'events-operate',
    namespace: 'events',
    labels: expect.objectContaining({ 'app.kubernetes.io/component': 'events', 'growbin.app/trigger': 'http' }),
    concurrency: 10,
    instancesMin: 0,
    instancesMax: 1,
    timeoutMs: 60_000,
    responseStartTimeoutMs: 30_000,
    cpuMillis: 50,
    variables: {
      NODE_COMPILE_CACHE: { value: '/app/compile-cache' },
      DATABASE_CONNECTIONS_MAX: { value: '10' },
      DATABASE_URL: { kind: 'Secret', name: 'events-database', key: 'url', optional: false },
      OPERATOR_NETWORKS: { value: expect.any(String) },
      OPERATOR_PUBLIC_KEYS: { kind: 'ConfigMap', name: 'operator-public-keys', key: 'jwks.json', optional: false },
      TRUSTED_PROXIES: { value: expect.any(String) },
    },
  })
})

test('reads triggers, brokers and cron sources as they stand there', () => {
  const { brokers, triggers, pingSources } = readDeployment(resources)
  expect(brokers.map(({ name, namespace }) => `${namespace}/${name}`)).toEqual([
    'messaging/growbin',
    'messaging/growbin-dlq',
  ])
  const deadLetterSink = { broker: 'growbin-dlq', namespace: 'messaging' }
  expect(triggers.find(({ name }) => name === 'q-ai')).toEqual({
    name: 'q-ai',
    namespace: 'messaging',
    broker: 'growbin',
    filter: { queue: 'ai' },
    subscriber: { service: 'waste-ai-analyze', namespace: 'waste' },
    parallelism: 100,
    delivery: { retry: 3, backoffPolicy: 'exponential', backoffDelay: 'PT1S', timeout: 'PT40S', deadLetterSink },
  })
  expect(triggers.find(({ name }) => name === 'q-dlq')).toMatchObject({ broker: 'growbin-dlq', filter: {} })
  expect(pingSources.find(({ name }) => name === 'events-relay')).toEqual({
    name: 'events-relay',
    namespace: 'events',
    schedule: '* * * * * *',
    timezone: 'Asia/Seoul',
    contentType: 'application/json',
    data: '{"task":"relay"}',
    extensions: { schedule: 'events-relay' },
    sink: { service: 'events-relay', namespace: 'events' },
  })
})

test('a field that it does not know is refused, with its name and that of its resource', () => {
  const refused = (kind: string, name: string, change: (resource: Changed) => void) => {
    expect(() => readDeployment(withChange(kind, name, change))).toThrow(
      new RegExp(`${kind} "[a-z]+/${name}" is not.*"another"`, 's'),
    )
  }
  refused('Service', 'waste-presign', ({ spec }) => (spec.template.spec.another = 1))
  refused('Service', 'waste-presign', ({ spec }) => (spec.template.spec.containers[0].another = 1))
  refused(
    'Service',
    'waste-presign',
    ({ spec }) => (spec.template.spec.containers[0].env[1].valueFrom = { another: {} }),
  )
  refused('Service', 'waste-presign', ({ spec }) => (spec.template.metadata.annotations.another = '1'))
  refused('Trigger', 'q-ai', ({ spec }) => (spec.another = []))
  refused('Trigger', 'q-ai', ({ spec }) => (spec.delivery.another = 1))
  refused('Trigger', 'q-ai', ({ metadata }) => (metadata.annotations.another = '1'))
  refused('Broker', 'growbin', ({ spec }) => (spec.delivery.another = 1))
  refused('PingSource', 'events-relay', ({ spec }) => (spec.another = ''))
})

test('a kind that it does not know is refused by name', () => {
  expect(() => readDeployment(withChange('Trigger', 'q-ai', (resource) => (resource.kind = 'Subscription')))).toThrow(
    'Subscription "messaging/q-ai" is of an unknown kind',
  )
})

test('a variable without a value, and one with two, are refused by name', () => {
  const withVariable = (variable: object) => () =>
    readDeployment(
      withChange('Service', 'waste-presign', ({ spec }) => spec.template.spec.containers[0].env.push(variable)),
    )
  const secretKeyRef = { name: 'waste-redis', key: 'url' }
  const problem = 'the variable "EXTRA" needs a value, a secretKeyRef or a configMapKeyRef'
  expect(withVariable({ name: 'EXTRA' })).toThrow(problem)
  expect(withVariable({ name: 'EXTRA', value: '1', valueFrom: { secretKeyRef } })).toThrow(problem)
  expect(withVariable({ name: 'EXTRA', valueFrom: { secretKeyRef } })).not.toThrow()
})

test('a reference that leads nowhere is refused, with who refers to what', () => {
  const refused = (kind: string, name: string, change: (resource: Changed) => void, problem: string) =>
    expect(() => readDeployment(withChange(kind, name, change))).toThrow(problem)
  refused(
    'Trigger',
    'q-ai',
    ({ spec }) => (spec.delivery.deadLetterSink.ref.name = 'growbin-gone'),
    'trigger "q-ai": its dead letter sink is the broker "growbin-gone" in namespace "messaging", which is not there',
  )
  refused(
    'Trigger',
    'q-ai',
    ({ spec }) => (spec.subscriber.uri = 'http://waste-gone.waste.svc.cluster.local'),
    'trigger "q-ai": its subscriber is the service "waste-gone" in namespace "waste", which is not there',
  )
  refused('Trigger', 'q-ai', ({ spec }) => (spec.broker = 'other'), 'trigger "q-ai": its broker is the broker "other"')
  refused(
    'PingSource',
    'events-relay',
    ({ spec }) => (spec.sink.ref.name = 'events-gone'),
    'cron source "events-relay": its sink is the service "events-gone" in namespace "events", which is not there',
  )
})
