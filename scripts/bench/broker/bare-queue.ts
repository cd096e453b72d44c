import { once } from 'node:events'
import { type ConsumeMessage, connect } from 'amqplib'
import type { BrokerMessage } from '../../local/broker/codec/amqp-codec.ts'
import { prefetchCount } from '../../local/broker/transport.ts'

export type BareQueue = {
  /** Empties the queue, publishes them all, and resolves once they are confirmed. */
  fill: (messages: readonly BrokerMessage[]) => Promise<void>
  /** Consumes and acknowledges `count` messages one by one, and resolves to the milliseconds that it took. */
  drain: (count: number) => Promise<number>
  /** Publishes one after the other, each with its confirm, and resolves to the milliseconds until each was consumed. */
  roundTrips: (messages: readonly BrokerMessage[]) => Promise<number[]>
  close: () => Promise<void>
}

/** A queue as a program has it that knows amqplib and nothing else. */
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
    // The server has read every acknowledgement before it answers this.
    return () => channel.close()
  }

  return {
    fill: async (messages) => {
      // A quorum queue delivers again what was acknowledged just before a channel closed.
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
