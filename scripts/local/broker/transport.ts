import type { BrokerMessage } from './codec/amqp-codec.ts'

/**
 * What became of a published message. `confirmed`: it is stored. `refused`: a negative confirm. `full`: a bound was
 * reached. `unavailable`: the broker is away, or went away before it confirmed. `timeout`: no confirm in time.
 */
export type PublishOutcome = 'confirmed' | 'refused' | 'full' | 'unavailable' | 'timeout'

/** A message taken from a queue and not yet acknowledged. */
export type Delivery = {
  message: BrokerMessage
  /** False when the channel is gone: the message will be delivered again. */
  ack: () => boolean
  /** Publishes on the channel of this delivery. A missing exchange closes that channel. */
  publish: (exchange: string, message: BrokerMessage) => Promise<PublishOutcome>
}

export type Consumer = {
  queue: string
  /** Takes a delivery; at most `prefetchCount` are unacknowledged at a time. */
  onDelivery: (delivery: Delivery) => void
  /** The channel closed: deliveries not yet begun must be forgotten, since they will come again. */
  onChannelClosed: () => void
}

/** Where exchanges and queues live. Both flavours of the broker differ in this alone. */
export type Transport = {
  publish: (exchange: string, message: BrokerMessage) => Promise<PublishOutcome>
  /** Gives what ends it: then whatever it has not acknowledged is delivered to another. */
  consume: (consumer: Consumer) => () => Promise<void>
  /** Messages of a queue that no consumer holds. */
  countReady: (queue: string) => Promise<number>
  stopConsuming: () => Promise<void>
  close: () => Promise<void>
}

/** Unacknowledged messages per dispatcher; the RabbitMQ dispatcher has the same number, whatever its parallelism. */
export const prefetchCount = 100
