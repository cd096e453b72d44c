import { queueParallelism } from '../../../functions/_contracts/queues.ts'
import { domainOf, messagingNamespace, triggerNameOf } from '../../../functions/_lib/process/function-spec.ts'
import type { Resource } from '../resource.ts'
import type { QueueSpec } from '../trigger-kind.ts'
import { labelsOf } from './labels.ts'

export const broker = 'growbin'
export const deadLetterBroker = 'growbin-dlq'

/** The trigger of one logical queue, in the namespace of the broker. */
export function renderTrigger(spec: QueueSpec): Resource {
  const { queue, retries, backoff, backoffPolicy = 'exponential', timeoutSeconds } = spec.trigger
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: {
      name: triggerNameOf(queue),
      namespace: messagingNamespace,
      labels: labelsOf(spec),
      annotations: {
        'rabbitmq.eventing.knative.dev/parallelism': String(queueParallelism[queue]),
        // Naming one of these removes all four defaults, among them a CPU limit of 4 cores.
        'rabbitmq.eventing.knative.dev/cpu-request': '25m',
        'rabbitmq.eventing.knative.dev/memory-request': '48Mi',
        'rabbitmq.eventing.knative.dev/memory-limit': '192Mi',
      },
    },
    spec: {
      broker: queue === 'dlq' ? deadLetterBroker : broker,
      // Dead letters keep the attribute of the queue they died in, so q-dlq takes whatever its broker has.
      ...(queue === 'dlq' ? {} : { filter: { attributes: { queue } } }),
      // A ref has to be in the namespace of the trigger; the function is in the one of its domain.
      subscriber: { uri: `http://${spec.name}.${domainOf(spec)}.svc.cluster.local` },
      delivery: {
        retry: retries,
        backoffPolicy,
        backoffDelay: backoff,
        timeout: `PT${timeoutSeconds}S`,
        deadLetterSink: { ref: { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: deadLetterBroker } },
      },
    },
  }
}
