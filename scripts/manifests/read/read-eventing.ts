import * as z from 'zod'
import type { Resource } from '../resource.ts'
import { type Destination, destinationSchema, readDestination } from './destination.ts'
import { metadataSchema, readResource } from './read-resource.ts'

/** Durations as they stand there: ISO 8601. What is left out is left to the broker. */
export type Delivery = {
  retry?: number | undefined
  backoffPolicy?: 'exponential' | 'linear' | undefined
  backoffDelay?: string | undefined
  timeout?: string | undefined
  deadLetterSink?: Destination | undefined
}

export type DeployedBroker = { name: string; namespace: string; delivery: Delivery | undefined }

export type DeployedTrigger = {
  name: string
  namespace: string
  broker: string
  /** Attributes that an event must have; empty means every event. */
  filter: Readonly<Record<string, string>>
  subscriber: Destination
  /** Deliveries at once. */
  parallelism: number
  delivery: Delivery | undefined
}

export type DeployedPingSource = {
  name: string
  namespace: string
  /** Five cron fields, or six with leading seconds. */
  schedule: string
  timezone: string
  contentType: string
  /** The body of the event, as it is sent. */
  data: string
  /** Attributes that every event carries beside its own. */
  extensions: Readonly<Record<string, string>>
  sink: Destination
}

const deliverySchema = z.strictObject({
  retry: z.int().min(0).optional(),
  backoffPolicy: z.enum(['exponential', 'linear']).optional(),
  backoffDelay: z.string().optional(),
  timeout: z.string().optional(),
  deadLetterSink: destinationSchema.optional(),
})

const rabbitmq = (name: string) => `rabbitmq.eventing.knative.dev/${name}`
/** Of the pod that dispatches or takes events in. */
const podSizes = Object.fromEntries(
  ['cpu-request', 'memory-request', 'memory-limit'].map((name) => [rabbitmq(name), z.string().optional()]),
)

const brokerSchema = z.strictObject({
  apiVersion: z.literal('eventing.knative.dev/v1'),
  kind: z.literal('Broker'),
  metadata: metadataSchema(
    z.strictObject({ 'eventing.knative.dev/broker.class': z.literal('RabbitMQBroker'), ...podSizes }),
  ),
  spec: z.strictObject({
    // Which RabbitMQ it uses; the local platform has one.
    config: z.unknown(),
    delivery: deliverySchema.optional(),
  }),
})

const triggerSchema = z.strictObject({
  apiVersion: z.literal('eventing.knative.dev/v1'),
  kind: z.literal('Trigger'),
  metadata: metadataSchema(
    z.strictObject({ [rabbitmq('parallelism')]: z.string().regex(/^\d+$/).transform(Number), ...podSizes }),
  ),
  spec: z.strictObject({
    broker: z.string(),
    filter: z.strictObject({ attributes: z.record(z.string(), z.string()) }).optional(),
    subscriber: destinationSchema,
    delivery: deliverySchema.optional(),
  }),
})

const pingSourceSchema = z.strictObject({
  apiVersion: z.literal('sources.knative.dev/v1'),
  kind: z.literal('PingSource'),
  metadata: metadataSchema(z.never().optional()),
  spec: z.strictObject({
    schedule: z.string(),
    timezone: z.string(),
    contentType: z.string(),
    data: z.string(),
    ceOverrides: z.strictObject({ extensions: z.record(z.string(), z.string()) }).optional(),
    sink: destinationSchema,
  }),
})

/** A broker of the class that the project uses. Throws for a field that it does not know, as the others here. */
export function readBroker(resource: Resource): DeployedBroker {
  const { metadata, spec } = readResource(brokerSchema, resource)
  const { name, namespace } = metadata
  return { name, namespace, delivery: spec.delivery && readDelivery(spec.delivery, namespace) }
}

/** A trigger: which events of a broker go to which function, and what becomes of those that fail. */
export function readTrigger(resource: Resource): DeployedTrigger {
  const { metadata, spec } = readResource(triggerSchema, resource)
  const { name, namespace, annotations } = metadata
  return {
    name,
    namespace,
    broker: spec.broker,
    filter: spec.filter?.attributes ?? {},
    subscriber: readDestination(spec.subscriber, namespace),
    parallelism: annotations[rabbitmq('parallelism')] as number,
    delivery: spec.delivery && readDelivery(spec.delivery, namespace),
  }
}

/** A cron source: what it sends, when and where to. */
export function readPingSource(resource: Resource): DeployedPingSource {
  const { metadata, spec } = readResource(pingSourceSchema, resource)
  const { ceOverrides, sink, ...sent } = spec
  const { name, namespace } = metadata
  return { name, namespace, ...sent, extensions: ceOverrides?.extensions ?? {}, sink: readDestination(sink, namespace) }
}

function readDelivery({ deadLetterSink, ...delivery }: z.output<typeof deliverySchema>, namespace: string): Delivery {
  return { ...delivery, ...(deadLetterSink && { deadLetterSink: readDestination(deadLetterSink, namespace) }) }
}
