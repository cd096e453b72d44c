import { randomUUID } from 'node:crypto'
import { connect } from 'amqplib'
import { type RabbitBrokerOptions, startRabbitBroker } from '../rabbit-broker.ts'
import { createNames } from '../topology/names.ts'
import { planTopology } from '../topology/plan.ts'
import type { BrokerTopology } from '../topology/topology.ts'
import type { StartFlavour } from './flavour.ts'

export const amqpUrl = process.env.AMQP_URL ?? 'amqp://guest:guest@127.0.0.1:5672'

/** A namespace that no other run uses. */
export function newNamespace(): string {
  return `test-${randomUUID().slice(0, 8)}`
}

/** Starts the RabbitMQ flavour in its own namespace, and deletes what it declared when it closes. */
export const startRabbitFlavour: StartFlavour = async (topology, options) => {
  const namespace = newNamespace()
  const broker = await startRabbitBroker({ amqpUrl, topology, namespace, queueType: 'classic', ...options })
  let closed: Promise<void> | undefined
  return {
    ...broker,
    close: (closeOptions) => {
      closed ??= broker.close(closeOptions).then(() => deleteTopology(topology, { namespace }))
      return closed
    },
  }
}

export async function deleteTopology(
  topology: BrokerTopology,
  { namespace, uid = 'local' }: Pick<RabbitBrokerOptions, 'namespace' | 'uid'>,
): Promise<void> {
  const plan = planTopology(topology, createNames({ namespace, uid }))
  const connection = await connect(amqpUrl)
  const channel = await connection.createChannel()
  for (const queue of plan.queues) await channel.deleteQueue(queue.name)
  for (const exchange of plan.exchanges) await channel.deleteExchange(exchange)
  await connection.close()
}
