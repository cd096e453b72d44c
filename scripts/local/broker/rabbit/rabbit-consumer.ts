import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib'
import { pause } from '../../../lib/pause.ts'
import { reconnectDelayMs } from '../topology/back-off.ts'
import { type Consumer, type Delivery, prefetchCount } from '../transport.ts'
import type { Log } from '../violations.ts'
import { publishConfirmed } from './rabbit-publish.ts'

export type RabbitConsumerOptions = {
  consumer: Consumer
  confirmTimeoutMs: number
  random: () => number
  log: Log
  /** Declares the queue and its binding, so that a deleted queue is restored. */
  declare: (channel: ConfirmChannel) => Promise<void>
}

/** Consumes one queue on its own channel, and reopens the channel when RabbitMQ closes it. */
export function createRabbitConsumer(options: RabbitConsumerOptions) {
  const { consumer, confirmTimeoutMs, random, log, declare } = options
  let connection: ChannelModel | undefined
  let current: { channel: ConfirmChannel; tag: string } | undefined
  const stopping = new AbortController()

  async function open(on: ChannelModel, failures: number): Promise<void> {
    if (connection !== on || stopping.signal.aborted) return
    try {
      const channel = await on.createConfirmChannel()
      let isOpen = true
      channel.on('error', (error) => log.warn({ queue: consumer.queue, reason: String(error) }, 'Channel failed'))
      channel.once('close', () => {
        isOpen = false
        if (current?.channel === channel) current = undefined
        consumer.onChannelClosed()
        reopen(on, failures + 1)
      })
      await declare(channel)
      await channel.prefetch(prefetchCount)
      const { consumerTag: tag } = await channel.consume(consumer.queue, (message) => {
        // Null means that the queue was deleted; reopening declares it.
        if (message === null) channel.close().catch(() => undefined)
        else if (!stopping.signal.aborted) consumer.onDelivery(deliveryOf(channel, message, () => isOpen))
      })
      current = { channel, tag }
    } catch (error) {
      log.warn({ queue: consumer.queue, reason: String(error) }, 'Could not consume; trying again')
      reopen(on, failures + 1)
    }
  }

  const pending = new Set<ChannelModel>()
  function reopen(on: ChannelModel, failures: number): void {
    if (connection !== on || pending.has(on)) return
    pending.add(on)
    pause(reconnectDelayMs(failures, random), stopping.signal).then(() => {
      pending.delete(on)
      return open(on, Math.min(failures, 6))
    })
  }

  function deliveryOf(channel: ConfirmChannel, message: ConsumeMessage, isOpen: () => boolean): Delivery {
    const { headers, contentType, messageId } = message.properties
    return {
      message: {
        headers: headers ?? {},
        contentType: typeof contentType === 'string' ? contentType : '',
        messageId: typeof messageId === 'string' ? messageId : '',
        body: message.content,
      },
      ack: () => {
        if (!isOpen()) return false
        try {
          channel.ack(message)
          return true
        } catch {
          // The channel closed between the check and the frame: the message is redelivered.
          return false
        }
      },
      publish: (exchange, sent) => publishConfirmed(channel, exchange, sent, { confirmTimeoutMs, mandatory: false }),
    }
  }

  return {
    up: (on: ChannelModel): Promise<void> => {
      connection = on
      return open(on, 0)
    },
    down: () => {
      connection = undefined
    },
    stop: async () => {
      stopping.abort()
      const { channel, tag } = current ?? {}
      if (channel && tag) await channel.cancel(tag).catch(() => undefined)
    },
    /** Closes its channel, so that unacknowledged messages are redelivered. */
    end: async () => {
      stopping.abort()
      await current?.channel.close().catch(() => undefined)
    },
  }
}

export type RabbitConsumer = ReturnType<typeof createRabbitConsumer>
