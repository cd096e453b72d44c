import type { BrokerMessage } from '../codec/amqp-codec.ts'
import type { Plan } from '../topology/plan.ts'
import { type Consumer, type Delivery, type PublishOutcome, prefetchCount, type Transport } from '../transport.ts'
import { matchesBinding } from './match-headers.ts'

export type MemoryTransportOptions = {
  plan: Plan
  /** Limit of the messages that wait in one queue; an event for a full queue is refused. */
  queueLengthMax: number
  onUnroutable: (exchange: string, message: BrokerMessage) => void
}

type Binding = { arguments: Record<string, string>; queue: MemoryQueue }

/** Exchanges and queues in this process, lost when it ends. */
export function createMemoryTransport({ plan, queueLengthMax, onUnroutable }: MemoryTransportOptions): Transport {
  const exchanges = new Map<string, Binding[]>(plan.exchanges.map((name) => [name, []]))
  const queues = new Map<string, MemoryQueue>()

  async function publish(exchange: string, message: BrokerMessage): Promise<PublishOutcome> {
    const bindings = exchanges.get(exchange)
    if (bindings === undefined) return 'unavailable'
    const matching = bindings.filter((binding) => matchesBinding(binding.arguments, message.headers))
    if (matching.some(({ queue }) => queue.length() >= queueLengthMax)) return 'full'
    if (matching.length === 0) onUnroutable(exchange, message)
    for (const { queue } of matching) queue.add(message)
    return 'confirmed'
  }

  for (const { name, exchange, binding } of plan.queues) {
    const queue = createMemoryQueue((target) => exchanges.has(target), publish)
    queues.set(name, queue)
    exchanges.get(exchange)?.push({ arguments: binding, queue })
  }
  return {
    publish,
    consume: (consumer) => queues.get(consumer.queue)?.consume(consumer) ?? (async () => undefined),
    countReady: async (name) => queues.get(name)?.length() ?? 0,
    stopConsuming: async () => {
      for (const queue of queues.values()) queue.stop()
    },
    close: async () => undefined,
  }
}

type MemoryQueue = ReturnType<typeof createMemoryQueue>

function createMemoryQueue(exchangeExists: (name: string) => boolean, publish: Delivery['publish']) {
  let waiting: BrokerMessage[] = []
  // Messages delivered on the open channel. A new set is a new channel: an acknowledgement on an old one has no effect.
  let unacknowledged = new Set<BrokerMessage>()
  let consumer: Consumer | undefined

  function fill(): void {
    while (consumer !== undefined && waiting.length > 0 && unacknowledged.size < prefetchCount) {
      const message = { ...(waiting.shift() as BrokerMessage) }
      unacknowledged.add(message)
      consumer.onDelivery(deliveryOf(message, unacknowledged))
    }
  }

  function deliveryOf(message: BrokerMessage, channel: Set<BrokerMessage>): Delivery {
    return {
      message,
      ack: () => {
        const acknowledged = channel === unacknowledged && channel.delete(message)
        if (acknowledged) fill()
        return acknowledged
      },
      publish: async (exchange, sent) => {
        if (!exchangeExists(exchange) && channel === unacknowledged) closeChannel()
        return publish(exchange, sent)
      },
    }
  }

  // RabbitMQ answers a publish to a missing exchange by closing the channel; unacknowledged messages are redelivered.
  function closeChannel(): void {
    waiting = [...unacknowledged, ...waiting]
    unacknowledged = new Set()
    consumer?.onChannelClosed()
    queueMicrotask(fill)
  }

  return {
    length: () => waiting.length,
    add: (message: BrokerMessage) => {
      waiting.push(message)
      fill()
    },
    consume: (started: Consumer) => {
      consumer = started
      fill()
      return async () => {
        if (consumer !== started) return
        consumer = undefined
        waiting = [...unacknowledged, ...waiting]
        unacknowledged = new Set()
      }
    },
    stop: () => {
      consumer = undefined
    },
  }
}
