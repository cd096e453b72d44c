import { pingType } from '../../../functions/_lib/events/event-contract.ts'
import { messagingNamespace } from '../../../functions/_lib/process/function-spec.ts'
import type { EventUse } from '../event-uses.ts'
import type { Resource } from '../resource.ts'
import { broker, deadLetterBroker } from './trigger.ts'

/** The attributes that this version of EventType has no field for, as a list of names. */
export const attributesAnnotation = 'growbin.app/attributes'

/** The entry of one event in the registry of the cluster: which broker it comes from, and what it carries. */
export function renderEventType({ contract, name, eventSources }: EventUse): Resource {
  const isPing = contract.type === pingType
  return {
    // The version that is stored. v1beta3 is converted to it and loses every attribute but type and source.
    apiVersion: 'eventing.knative.dev/v1beta2',
    kind: 'EventType',
    metadata: {
      name,
      namespace: messagingNamespace,
      labels: {
        'app.kubernetes.io/part-of': 'growbin',
        'app.kubernetes.io/managed-by': 'kustomize',
        'growbin.app/queue': contract.queue,
      },
      annotations: { [attributesAnnotation]: attributesOf(isPing).join(',') },
    },
    spec: {
      reference: {
        apiVersion: 'eventing.knative.dev/v1',
        kind: 'Broker',
        name: contract.queue === 'dlq' ? deadLetterBroker : broker,
        namespace: messagingNamespace,
      },
      type: contract.type,
      source: sourceOf(isPing, eventSources),
      description: contract.summary,
    },
  }
}

/** Those that every such event has beside its type and its source. */
function attributesOf(isPing: boolean): string[] {
  // A cron source knows neither a subject nor a trace.
  return ['id', 'time', 'datacontenttype', 'queue', ...(isPing ? ['schedule'] : ['subject', 'traceparent'])]
}

/** Several sources have a star for what differs. Braces would be stored as %7B and %7D, and every diff would show them. */
function sourceOf(isPing: boolean, eventSources: readonly string[]): string {
  const [only, ...others] = eventSources
  if (only !== undefined && others.length === 0) return only
  return isPing ? `/apis/v1/namespaces/${messagingNamespace}/pingsources/*` : '/growbin/*'
}
