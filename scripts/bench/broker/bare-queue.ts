import { once } from 'node:events'
import { type ConsumeMessage, connect } from 'amqplib'
import type { BrokerMessage } from '../../local/broker/codec/amqp-codec.ts'
import { prefetchCount } from '../../local/broker/transport.ts'

export type BareQueue = {
  /** Purges the queue, publishes all messages, and resolves once they are confirmed. */
  fill: (messages: readonly BrokerMessage[]) => Promise<void>
  /** Consumes and acknowledges `count` messages one by one; resolves to the duration in milliseconds. */
  drain: (count: number) => Promise<number>
  /** Publishes one after the other, each with its confirm; resolves to the milliseconds until each was consumed. */
  roundTrips: (messages: readonly BrokerMessage[]) => Promise<number[]>
  close: () => Promise<void>
}

/** Opens a queue with amqplib alone, as the reference. */
export async function openBareQueue(amqpUrl: string, exchange: string, queue: string): Promise<BareQueue> {
  const connection = await connect(amqpUrl, { noDelay: true })
  const publishing = await connection.createConfirmChannel()
  const publish = ({ headers, contentType, messageId, body }: BrokerMessage) =>
    publishing.publish(exchange, '', body, { headers, contentType, messageId, persistent: true })

  async function consume(onMessage: (message: ConsumeMessage) => void) {
    const channel = await connection.createChannel()
    await channel.prefetch(prefetchCount)
    await channel.consume(queue, (message) => {
      if (message === null) return
      onMessage(message)
      channel.ack(message)
    })
    // The server answers this after it has read every acknowledgement.
    return () => channel.close()
  }

  return {
    fill: async (messages) => {
      // A quorum queue redelivers messages that were acknowledged just before a channel closed.
      await publishing.purgeQueue(queue)
      for (const message of messages) if (!publish(message)) await once(publishing, 'drain')
      await publishing.waitForConfirms()
    },
    drain: async (count) => {
      const { promise: last, resolve } = Promise.withResolvers<void>()
      let consumed = 0
      const startedMs = performance.now()
      const stop = await consume(() => {
        consumed += 1
        if (consumed === count) resolve()
      })
      await last
      await stop()
      return performance.now() - startedMs
    },
    roundTrips: async (messages) => {
      const durationsMs: number[] = []
      let onConsumed: () => void = () => undefined
      const stop = await consume(() => onConsumed())
      for (const message of messages) {
        const { promise: consumed, resolve } = Promise.withResolvers<void>()
        onConsumed = resolve
        const startedMs = performance.now()
        publish(message)
        await consumed
        durationsMs.push(performance.now() - startedMs)
        await publishing.waitForConfirms()
      }
      await stop()
      return durationsMs
    },
    close: () => connection.close(),
  }
}
