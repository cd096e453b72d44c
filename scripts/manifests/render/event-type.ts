import { pingType } from '../../../functions/_lib/events/event-contract.ts'
import { messagingNamespace } from '../../../functions/_lib/process/function-spec.ts'
import type { EventUse } from '../event-uses.ts'
import type { Resource } from '../resource.ts'
import { broker, deadLetterBroker } from './trigger.ts'

type Attribute = { name: string; required: true; value?: string }

/** What the event registry of the cluster tells about one event: where to take it from, and what it carries. */
export function renderEventType(event: EventUse): Resource {
  const { contract, name } = event
  return {
    // The first version that describes extension attributes; the ones before it know only type and source.
    apiVersion: 'eventing.knative.dev/v1beta3',
    kind: 'EventType',
    metadata: {
      name,
      namespace: messagingNamespace,
      labels: {
        'app.kubernetes.io/part-of': 'growbin',
        'app.kubernetes.io/managed-by': 'kustomize',
        'growbin.app/queue': contract.queue,
      },
    },
    spec: {
      reference: {
        apiVersion: 'eventing.knative.dev/v1',
        kind: 'Broker',
        name: contract.queue === 'dlq' ? deadLetterBroker : broker,
        namespace: messagingNamespace,
      },
      description: contract.summary,
      attributes: attributesOf(event),
    },
  }
}

function attributesOf({ contract, eventSources }: EventUse): Attribute[] {
  const isPing = contract.type === pingType
  return [
    attribute('type', contract.type),
    attribute('source', sourceValue(isPing, eventSources)),
    attribute('specversion', '1.0'),
    attribute('id'),
    attribute('time'),
    attribute('datacontenttype', 'application/json'),
    attribute('queue', contract.queue),
    // A cron source knows neither a subject nor a trace.
    ...(isPing ? [attribute('schedule')] : [attribute('subject'), attribute('traceparent')]),
  ]
}

/** Several sources are one template, as the definition of EventType has it. */
function sourceValue(isPing: boolean, eventSources: readonly string[]): string {
  const [only, ...others] = eventSources
  if (only !== undefined && others.length === 0) return only
  return isPing ? `/apis/v1/namespaces/${messagingNamespace}/pingsources/{name}` : '/growbin/{function}'
}

function attribute(name: string, value?: string): Attribute {
  return { name, required: true, ...(value !== undefined && { value }) }
}
