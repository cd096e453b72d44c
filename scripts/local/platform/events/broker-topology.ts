import type { Destination } from '../../../manifests/read/destination.ts'
import type { Deployment } from '../../../manifests/read/read-deployment.ts'
import type { Delivery, DeployedTrigger } from '../../../manifests/read/read-eventing.ts'
import { parseDurationMs } from '../../broker/topology/duration.ts'
import type { BrokerTopology, DeliverySpec, SinkAddress } from '../../broker/topology/topology.ts'

type UrlOf = (serviceName: string) => string

/** Brokers and triggers of the manifests, as the local brokers take them. `urlOf` gives the address of a function, without a path. */
export function brokerTopologyOf(
  { brokers, triggers }: Pick<Deployment, 'brokers' | 'triggers'>,
  urlOf: UrlOf,
): BrokerTopology {
  return {
    brokers: brokers.map(({ name, delivery }) => {
      const { deadLetterSink, ...spec } = deliveryOf(`broker "${name}"`, delivery, urlOf) ?? {}
      return { name, ...(delivery && { delivery: spec }), ...(deadLetterSink && { deadLetterSink }) }
    }),
    triggers: triggers.map((trigger) => ({
      name: trigger.name,
      broker: trigger.broker,
      filter: { ...trigger.filter },
      subscriber: subscriberOf(trigger, urlOf),
      parallelism: trigger.parallelism,
      delivery: deliveryOf(`trigger "${trigger.name}"`, trigger.delivery, urlOf),
    })),
  }
}

/** The one namespace of all brokers, which is in the names of their queues. */
export function brokerNamespaceOf({ brokers }: Pick<Deployment, 'brokers'>): string {
  const [namespace, ...others] = [...new Set(brokers.map((broker) => broker.namespace))]
  if (namespace === undefined || others.length > 0) throw new Error('Expected all brokers in one namespace')
  return namespace
}

function subscriberOf({ name, subscriber }: DeployedTrigger, urlOf: UrlOf): string {
  if ('service' in subscriber) return `${urlOf(subscriber.service)}/`
  throw new Error(`The subscriber of trigger "${name}" is a broker, expected a Service`)
}

function deliveryOf(who: string, delivery: Delivery | undefined, urlOf: UrlOf): DeliverySpec | undefined {
  if (!delivery) return undefined
  const { retry, backoffPolicy, backoffDelay, timeout, deadLetterSink } = delivery
  const timeoutMs = timeout === undefined ? undefined : parseDurationMs(timeout)
  if (timeout !== undefined && timeoutMs === undefined)
    throw new Error(`The timeout "${timeout}" of ${who} is not an ISO 8601 duration such as PT30S`)
  return {
    ...(retry !== undefined && { retry }),
    ...(backoffPolicy && { backoffPolicy }),
    ...(backoffDelay !== undefined && { backoffDelay }),
    ...(timeoutMs !== undefined && { timeoutSeconds: timeoutMs / 1000 }),
    ...(deadLetterSink && { deadLetterSink: sinkOf(deadLetterSink, urlOf) }),
  }
}

const sinkOf = (sink: Destination, urlOf: UrlOf): SinkAddress =>
  'broker' in sink ? { broker: sink.broker } : { url: `${urlOf(sink.service)}/` }
