import { expect, test } from 'vitest'
import { imageEvent, tickEvent } from '../example-events.ts'
import { attributesAnnotation, renderEventType } from './event-type.ts'

const specOf = (event: typeof imageEvent) =>
  renderEventType(event).spec as { reference: { name: string }; source: string }

test('an event type names the broker, and says what the event says and carries, in the version that is stored', () => {
  expect(renderEventType(imageEvent)).toEqual({
    apiVersion: 'eventing.knative.dev/v1beta2',
    kind: 'EventType',
    metadata: {
      name: 'ai-image-analyze.v1',
      namespace: 'messaging',
      labels: {
        'app.kubernetes.io/part-of': 'growbin',
        'app.kubernetes.io/managed-by': 'kustomize',
        'growbin.app/queue': 'ai',
      },
      annotations: { 'growbin.app/attributes': 'id,time,datacontenttype,queue,subject,traceparent' },
    },
    spec: {
      reference: { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: 'growbin', namespace: 'messaging' },
      type: 'app.growbin.ai.image.analyze.v1',
      source: '/growbin/waste-presign',
      description: 'A photo is there: analyse it.',
    },
  })
})

test('a source of several, or of none yet, has a star, which the API server stores as it is', () => {
  expect(specOf({ ...imageEvent, eventSources: ['/growbin/a', '/growbin/b'] }).source).toBe('/growbin/*')
  expect(specOf({ ...imageEvent, eventSources: [] }).source).toBe('/growbin/*')
  const ticks = specOf({ ...tickEvent, eventSources: ['/x', '/y'] }).source
  expect(ticks).toBe('/apis/v1/namespaces/messaging/pingsources/*')
})

test('what a cron source sends promises neither a subject nor a trace', () => {
  const names = renderEventType(tickEvent).metadata.annotations?.[attributesAnnotation]?.split(',')
  expect(names).toContain('schedule')
  expect(names).not.toContain('subject')
  expect(names).not.toContain('traceparent')
})

test('an event of the queue for dead letters is on the broker for them', () => {
  const event = { ...imageEvent, contract: { ...imageEvent.contract, queue: 'dlq' as const } }
  expect(specOf(event).reference.name).toBe('growbin-dlq')
})
