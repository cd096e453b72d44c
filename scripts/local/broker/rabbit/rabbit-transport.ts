import type { Channel, ChannelModel, ConfirmChannel } from 'amqplib'
import { pause } from '../../../lib/pause.ts'
import type { Plan } from '../topology/plan.ts'
import type { Transport } from '../transport.ts'
import type { Log } from '../violations.ts'
import { createRabbitConsumer, type RabbitConsumer } from './rabbit-consumer.ts'
import { declarePlan, declareQueue, type QueueType } from './rabbit-declare.ts'
import { openRabbitLink } from './rabbit-link.ts'
import { publishConfirmed } from './rabbit-publish.ts'

export type RabbitTransportOptions = {
  amqpUrl: string
  plan: Plan
  queueType: QueueType
  confirmTimeoutMs: number
  /** How long to wait for the first connection. */
  startTimeoutMs: number
  /** Aborts the start. */
  signal?: AbortSignal
  random: () => number
  log: Log
  /** Called for a message that no queue accepted; when undefined, messages are not published as mandatory. */
  onUnroutable:
    | ((exchange: string, message: { headers: Record<string, unknown>; messageId: string }) => void)
    | undefined
}

/**
 * Exchanges and queues in RabbitMQ, over one connection that publishes and one that consumes: RabbitMQ throttles a
 * connection that publishes too fast, and acknowledgements must not wait for that.
 */
export async function openRabbitTransport(options: RabbitTransportOptions): Promise<Transport> {
  const { amqpUrl: url, plan, queueType, confirmTimeoutMs, random, log, onUnroutable } = options
  let publishing: ConfirmChannel | undefined
  let counting: Channel | undefined
  const consumers: RabbitConsumer[] = []
  let consuming: ChannelModel | undefined

  const publishLink = openRabbitLink({
    ...{ url, random, log, connectionName: 'growbin broker ingress' },
    onUp: async (connection) => {
      const channel = await connection.createConfirmChannel()
      channel.on('error', (error) => log.warn({ reason: String(error) }, 'Publishing channel failed'))
      // An exchange may have been deleted: a new connection declares everything again.
      channel.once('close', () => void connection.close().catch(() => undefined))
      channel.on('return', ({ fields, properties }) =>
        onUnroutable?.(fields.exchange, { headers: properties.headers ?? {}, messageId: String(properties.messageId) }),
      )
      await declarePlan(channel, plan, queueType)
      publishing = channel
    },
    onDown: () => {
      publishing = undefined
    },
  })
  const consumeLink = openRabbitLink({
    ...{ url, random, log, connectionName: 'growbin broker dispatchers' },
    onUp: async (connection) => {
      await publishLink.firstUp
      counting = await connection.createChannel()
      counting.on('error', () => undefined)
      counting.once('close', () => {
        counting = undefined
      })
      await declarePlan(counting, plan, queueType)
      consuming = connection
      await Promise.all(consumers.map((consumer) => consumer.up(connection)))
    },
    onDown: () => {
      counting = undefined
      consuming = undefined
      for (const consumer of consumers) consumer.down()
    },
  })
  const close = async () => {
    await Promise.all([publishLink.close(), consumeLink.close()])
  }
  const bothUp = Promise.all([publishLink.firstUp, consumeLink.firstUp])
  if (!(await resolvesWithin(bothUp, options.startTimeoutMs, options.signal))) {
    await close()
    options.signal?.throwIfAborted()
    const cause = publishLink.lastError() ?? consumeLink.lastError()
    throw new Error(`RabbitMQ did not accept the topology in ${options.startTimeoutMs} ms.`, { cause })
  }

  return {
    publish: async (exchange, message) => {
      if (publishing === undefined) return 'unavailable'
      return publishConfirmed(publishing, exchange, message, {
        confirmTimeoutMs,
        mandatory: onUnroutable !== undefined,
      })
    },
    consume: (consumer) => {
      const queue = plan.queues.find(({ name }) => name === consumer.queue)
      const created = createRabbitConsumer({
        ...{ consumer, confirmTimeoutMs, random, log },
        declare: async (channel) => {
          if (queue) await declareQueue(channel, queue, queueType)
        },
      })
      consumers.push(created)
      if (consuming) void created.up(consuming)
      return () => {
        consumers.splice(consumers.indexOf(created), 1)
        return created.end()
      }
    },
    countReady: async (queue) => (await counting?.checkQueue(queue).catch(() => undefined))?.messageCount ?? 0,
    stopConsuming: async () => {
      await Promise.all(consumers.map((consumer) => consumer.stop()))
    },
    close,
  }
}

async function resolvesWithin(promise: Promise<unknown>, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = new AbortController()
  const early = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal
  const late = pause(timeoutMs, early).then(() => false)
  const inTime = await Promise.race([promise.then(() => true), late])
  deadline.abort()
  return inTime
}
