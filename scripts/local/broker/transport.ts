import type { BrokerMessage } from './codec/amqp-codec.ts'

/**
 * The outcome of a publish. `confirmed`: stored. `refused`: a negative confirm. `full`: a bound was
 * reached. `unavailable`: the broker is unavailable, or became so before the confirm. `timeout`: no confirm in time.
 */
export type PublishOutcome = 'confirmed' | 'refused' | 'full' | 'unavailable' | 'timeout'

/** A message taken from a queue and not yet acknowledged. */
export type Delivery = {
  message: BrokerMessage
  /** False when the channel is closed: the message will be redelivered. */
  ack: () => boolean
  /** Publishes on the channel of this delivery. A missing exchange closes that channel. */
  publish: (exchange: string, message: BrokerMessage) => Promise<PublishOutcome>
}

export type Consumer = {
  queue: string
  /** Receives a delivery; at most `prefetchCount` are unacknowledged at a time. */
  onDelivery: (delivery: Delivery) => void
  /** The channel closed: deliveries not yet begun must be dropped, since they will be redelivered. */
  onChannelClosed: () => void
}

/** Where exchanges and queues live. Both flavours of the broker differ in this alone. */
export type Transport = {
  publish: (exchange: string, message: BrokerMessage) => Promise<PublishOutcome>
  /** Returns a function that ends the consumer: its unacknowledged messages are redelivered to another. */
  consume: (consumer: Consumer) => () => Promise<void>
  /** The number of messages in a queue that no consumer holds. */
  countReady: (queue: string) => Promise<number>
  stopConsuming: () => Promise<void>
  close: () => Promise<void>
}

/** Unacknowledged messages per dispatcher; the RabbitMQ dispatcher has the same limit, whatever its parallelism. */
export const prefetchCount = 100
