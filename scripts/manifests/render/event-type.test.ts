import { expect, test } from 'vitest'
import { imageEvent, tickEvent } from '../example-events.ts'
import { renderEventType } from './event-type.ts'

type Attribute = { name: string; required: boolean; value?: string }
const specOf = (event: typeof imageEvent) =>
  renderEventType(event).spec as { reference: { name: string }; attributes: Attribute[] }
const attributeValue = (event: typeof imageEvent, name: string) =>
  specOf(event).attributes.find((attribute) => attribute.name === name)?.value

test('an event type names the broker, says what the event says, and describes every attribute that is sent', () => {
  expect(renderEventType(imageEvent)).toEqual({
    apiVersion: 'eventing.knative.dev/v1beta3',
    kind: 'EventType',
    metadata: {
      name: 'ai-image-analyze.v1',
      namespace: 'messaging',
      labels: {
        'app.kubernetes.io/part-of': 'growbin',
        'app.kubernetes.io/managed-by': 'kustomize',
        'growbin.app/queue': 'ai',
      },
    },
    spec: {
      reference: { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: 'growbin', namespace: 'messaging' },
      description: 'A photo is there: analyse it.',
      attributes: [
        { name: 'type', required: true, value: 'app.growbin.ai.image.analyze.v1' },
        { name: 'source', required: true, value: '/growbin/waste-presign' },
        { name: 'specversion', required: true, value: '1.0' },
        { name: 'id', required: true },
        { name: 'time', required: true },
        { name: 'datacontenttype', required: true, value: 'application/json' },
        { name: 'queue', required: true, value: 'ai' },
        { name: 'subject', required: true },
        { name: 'traceparent', required: true },
      ],
    },
  })
})

test('a source of several, or of none yet, is a template', () => {
  expect(attributeValue({ ...imageEvent, eventSources: ['/growbin/a', '/growbin/b'] }, 'source')).toBe(
    '/growbin/{function}',
  )
  expect(attributeValue({ ...imageEvent, eventSources: [] }, 'source')).toBe('/growbin/{function}')
  expect(attributeValue({ ...tickEvent, eventSources: ['/x', '/y'] }, 'source')).toBe(
    '/apis/v1/namespaces/messaging/pingsources/{name}',
  )
})

test('what a cron source sends promises neither a subject nor a trace', () => {
  const names = specOf(tickEvent).attributes.map(({ name }) => name)
  expect(names).toContain('schedule')
  expect(names).not.toContain('subject')
  expect(names).not.toContain('traceparent')
})

test('an event of the queue for dead letters is on the broker for them', () => {
  const event = { ...imageEvent, contract: { ...imageEvent.contract, queue: 'dlq' as const } }
  expect(specOf(event).reference.name).toBe('growbin-dlq')
})
