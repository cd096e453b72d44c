import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { imageEvent, tickEvent } from '../example-events.ts'
import { cronSpec, deadLetterSpec, httpSpec, loaded, queueSpec, scheduledSpec, stageSpec } from '../example-specs.ts'
import { renderManifests } from './render.ts'

const files = renderManifests(loaded(httpSpec, queueSpec, cronSpec, deadLetterSpec, scheduledSpec), [
  imageEvent,
  tickEvent,
])
const read = (path: string) => parse(files.get(path) ?? '')
const autoscaling = (path: string) => read(path).spec.template.metadata.annotations

test('every function has one file with one service, and every first line says from what and how', () => {
  expect([...files.keys()].sort()).toEqual([
    'eventing/base/ai-image-analyze.v1.yaml',
    'eventing/base/events-relay-outbox.yaml',
    'eventing/base/jobs-scheduled-cleanup-images.yaml',
    'eventing/base/kustomization.yaml',
    'eventing/base/q-ai.yaml',
    'eventing/base/q-dlq.yaml',
    'eventing/base/q-sched.yaml',
    'eventing/base/sched-cleanup-tick.v1.yaml',
    'knative/base/events-dead-letter.yaml',
    'knative/base/events-relay.yaml',
    'knative/base/jobs-scheduled-cleanup.yaml',
    'knative/base/kustomization.yaml',
    'knative/base/namespaces.yaml',
    'knative/base/waste-ai-analyze.yaml',
    'knative/base/waste-presign.yaml',
    'knative/gateway-api/gateway.yaml',
    'knative/gateway-api/kustomization.yaml',
    'knative/gateway-api/waste-presign.yaml',
    'knative/gateway/ingress.yaml',
    'knative/gateway/kustomization.yaml',
    'knative/gateway/service.yaml',
    'knative/policies/data.yaml',
    'knative/policies/events.yaml',
    'knative/policies/jobs.yaml',
    'knative/policies/kourier-system.yaml',
    'knative/policies/kustomization.yaml',
    'knative/policies/messaging.yaml',
    'knative/policies/waste.yaml',
  ])
  for (const text of files.values()) expect(text).toMatch(/^# Generated from functions\/.+ by "npm run manifests"/)
  expect(parseAllDocuments(files.get('knative/base/waste-presign.yaml') ?? '')).toHaveLength(1)
  expect(files.get('knative/base/waste-presign.yaml')).toContain('from functions/waste/presign/function.ts by')
})

test('the event types are applied with the triggers, and name their contract as the source', () => {
  expect(read('eventing/base/kustomization.yaml').resources).toEqual(
    expect.arrayContaining(['ai-image-analyze.v1.yaml', 'sched-cleanup-tick.v1.yaml', 'q-ai.yaml']),
  )
  expect(files.get('eventing/base/ai-image-analyze.v1.yaml')).toContain(
    'from functions/_contracts/events/ai-image-analyze.v1.ts by',
  )
})

test('rendering does not depend on the order of the functions', () => {
  const other = renderManifests(loaded(scheduledSpec, deadLetterSpec, cronSpec, queueSpec, httpSpec), [
    tickEvent,
    imageEvent,
  ])
  expect(Object.fromEntries(other)).toEqual(Object.fromEntries(files))
})

describe('what only the variant of four steps has', () => {
  const event = {
    ...imageEvent,
    name: 'gpt5-analysis-item-identify.v1',
    contract: { ...imageEvent.contract, queue: 'gpt5_analysis' as const },
  }
  const rendered = renderManifests(loaded(httpSpec, queueSpec, stageSpec), [imageEvent, event])
  const parsed = (path: string) => parse(rendered.get(path) ?? '')

  test('is a component of its own, and not in the base', () => {
    const inBase = [...rendered].filter(([path]) => path.includes('/base/')).map(([path, text]) => path + text)
    expect(inBase.join('\n')).not.toMatch(/identify-item|gpt5/)
    expect(parsed('knative/stages/kustomization.yaml')).toEqual({
      apiVersion: 'kustomize.config.k8s.io/v1alpha1',
      kind: 'Component',
      resources: ['waste-identify-item.yaml'],
    })
    expect(parsed('eventing/stages/kustomization.yaml')).toMatchObject({
      kind: 'Component',
      resources: ['gpt5-analysis-item-identify.v1.yaml', 'q-gpt5-analysis.yaml'],
    })
  })

  test('is pinned to the node that it names, and filters on the queue by its own name', () => {
    expect(parsed('knative/stages/waste-identify-item.yaml').spec.template.spec.nodeSelector).toEqual({
      workload: 'worker-ai',
    })
    const trigger = parsed('eventing/stages/q-gpt5-analysis.yaml')
    expect(trigger.metadata.name).toBe('q-gpt5-analysis')
    expect(trigger.spec.filter).toEqual({ attributes: { queue: 'gpt5_analysis' } })
  })
})

describe('autoscaling', () => {
  test('an HTTP function without a limit scales on requests and leaves the activator out', () => {
    expect(autoscaling('knative/base/waste-presign.yaml')).toEqual({
      'autoscaling.knative.dev/class': 'kpa.autoscaling.knative.dev',
      'autoscaling.knative.dev/min-scale': '1',
      'autoscaling.knative.dev/max-scale': '4',
      'autoscaling.knative.dev/initial-scale': '1',
      'autoscaling.knative.dev/metric': 'rps',
      'autoscaling.knative.dev/target': '100',
      'autoscaling.knative.dev/target-burst-capacity': '0',
      'autoscaling.knative.dev/scale-down-delay': '5m',
    })
  })
  test('every revision starts once before it takes traffic', () => {
    for (const name of ['waste-presign', 'waste-ai-analyze', 'events-relay']) {
      expect(autoscaling(`knative/base/${name}.yaml`)).toMatchObject({ 'autoscaling.knative.dev/initial-scale': '1' })
    }
  })
  test('a queue function leaves its queue with the activator and scales before the hard limit', () => {
    expect(autoscaling('knative/base/waste-ai-analyze.yaml')).toMatchObject({
      'autoscaling.knative.dev/metric': 'concurrency',
      'autoscaling.knative.dev/target': '40',
      'autoscaling.knative.dev/target-burst-capacity': '-1',
    })
  })
  test('a function that takes one request at a time is full at one', () => {
    expect(autoscaling('knative/base/events-relay.yaml')).toMatchObject({
      'autoscaling.knative.dev/target': '1',
      'autoscaling.knative.dev/target-utilization-percentage': '100',
    })
  })
})

test('variables come from secrets, config maps and values, in order of name', () => {
  const [container] = read('knative/base/waste-presign.yaml').spec.template.spec.containers
  expect(container.env).toEqual([
    { name: 'NODE_COMPILE_CACHE', value: '/app/compile-cache' },
    { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'waste-database', key: 'url' } } },
    { name: 'LOG_LEVEL', value: 'info' },
    { name: 'S3_REGION', valueFrom: { configMapKeyRef: { name: 'object-store', key: 'region' } } },
  ])
  expect(container.resources).toEqual({ requests: { cpu: '100m', memory: '96Mi' }, limits: { memory: '320Mi' } })
})

test('a queue function may take as long for its first byte as for all of its answer', () => {
  expect(read('knative/base/waste-ai-analyze.yaml').spec.template.spec).toMatchObject({
    timeoutSeconds: 60,
    responseStartTimeoutSeconds: 60,
    containerConcurrency: 50,
    nodeSelector: { workload: 'async' },
  })
})

test('a trigger names the function by address, and everything of its delivery', () => {
  const { metadata, spec } = read('eventing/base/q-ai.yaml')
  expect(metadata).toMatchObject({ name: 'q-ai', namespace: 'messaging' })
  expect(metadata.annotations['rabbitmq.eventing.knative.dev/parallelism']).toBe('100')
  expect(spec).toEqual({
    broker: 'growbin',
    filter: { attributes: { queue: 'ai' } },
    subscriber: { uri: 'http://waste-ai-analyze.waste.svc.cluster.local' },
    delivery: {
      retry: 3,
      backoffPolicy: 'exponential',
      backoffDelay: 'PT0.5S',
      timeout: 'PT40S',
      deadLetterSink: { ref: { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: 'growbin-dlq' } },
    },
  })
})

test('the trigger for dead letters takes everything of its own broker', () => {
  const { spec } = read('eventing/base/q-dlq.yaml')
  expect(spec.broker).toBe('growbin-dlq')
  expect(spec.filter).toBeUndefined()
})

test('a cron source posts its body straight to the function, on Seoul time', () => {
  expect(read('eventing/base/events-relay-outbox.yaml')).toMatchObject({
    metadata: { namespace: 'events' },
    spec: {
      schedule: '*/10 * * * * *',
      timezone: 'Asia/Seoul',
      contentType: 'application/json',
      data: '{"task":"publish"}',
      ceOverrides: { extensions: { schedule: 'outbox' } },
      sink: { ref: { kind: 'Service', name: 'events-relay' } },
    },
  })
})

test('a cron source of a queue posts to the broker beside it, with the attributes that its trigger filters on', () => {
  expect(read('eventing/base/jobs-scheduled-cleanup-images.yaml')).toMatchObject({
    metadata: { namespace: 'messaging' },
    spec: {
      schedule: '0 3 * * *',
      timezone: 'Asia/Seoul',
      data: '{"task":"cleanup.images"}',
      ceOverrides: { extensions: { queue: 'sched', schedule: 'images', task: 'cleanup.images' } },
      sink: { ref: { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: 'growbin' } },
    },
  })
  expect(read('eventing/base/q-sched.yaml').spec.filter).toEqual({ attributes: { queue: 'sched' } })
})
