import type { Channel } from 'amqplib'
import type { Plan, QueuePlan } from '../topology/plan.ts'

export type QueueType = 'quorum' | 'classic'

/** Declares a durable queue and binds it; the exchange must exist. Declaring again changes nothing. */
export async function declareQueue(channel: Channel, queue: QueuePlan, queueType: QueueType): Promise<void> {
  await channel.assertQueue(queue.name, { durable: true, arguments: { 'x-queue-type': queueType } })
  await channel.bindQueue(queue.name, queue.exchange, '', { ...queue.binding, 'x-match': 'all' })
}

/** Declares everything of a plan: exchanges first, then queues, so that nothing published later finds no queue. */
export async function declarePlan(channel: Channel, plan: Plan, queueType: QueueType): Promise<void> {
  for (const exchange of plan.exchanges) await channel.assertExchange(exchange, 'headers', { durable: true })
  for (const queue of plan.queues) await declareQueue(channel, queue, queueType)
}
