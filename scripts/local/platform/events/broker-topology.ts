import {
  domainOf,
  type FunctionSpec,
  queueParallelism,
  triggerNameOf,
} from '../../../../functions/_lib/process/function-spec.ts'
import type { BrokerTopology } from '../../broker/topology/topology.ts'

export const mainBroker = 'growbin'
export const deadLetterBroker = 'growbin-dlq'

/**
 * The brokers and triggers that `npm run manifests` writes for the cluster, as data for the local brokers. A queue that no
 * function handles yet has no trigger.
 */
export function planBrokers(specs: readonly FunctionSpec[], urlOf: (functionName: string) => string): BrokerTopology {
  const triggers = specs.flatMap((spec) => {
    if (!('queue' in spec.trigger)) return []
    const { queue, retries, backoff, backoffPolicy, timeoutSeconds } = spec.trigger
    const onDeadLetters = queue === 'dlq'
    return {
      name: triggerNameOf(queue),
      broker: onDeadLetters ? deadLetterBroker : mainBroker,
      filter: onDeadLetters ? {} : ({ queue } as Record<string, string>),
      subscriber: `${urlOf(spec.name)}/`,
      parallelism: queueParallelism[queue],
      delivery: {
        retry: retries,
        backoffPolicy: backoffPolicy ?? 'exponential',
        backoffDelay: backoff,
        timeoutSeconds,
        // Of dead letters too: one that cannot be recorded goes round instead of being lost.
        deadLetterSink: { broker: deadLetterBroker },
      },
    }
  })
  return { brokers: [{ name: mainBroker }, { name: deadLetterBroker }], triggers }
}

/** Host names as the dispatcher sees them in the cluster, which dead letters carry. */
export const clusterHostOf = (spec: FunctionSpec): string => `${spec.name}.${domainOf(spec)}.svc.cluster.local`
