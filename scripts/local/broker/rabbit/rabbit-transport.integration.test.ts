import { connect } from 'amqplib'
import { describe } from 'vitest'
import { silentLog } from '../testing/flavour.ts'
import { amqpUrl, newNamespace } from '../testing/rabbit-flavour.ts'
import { describeTransport } from '../testing/transport-suite.ts'
import type { Plan } from '../topology/plan.ts'
import { openRabbitTransport } from './rabbit-transport.ts'

const namespace = newNamespace()

describe.each(['quorum', 'classic'] as const)('over RabbitMQ, %s queues', (queueType) => {
  const open = async (plan: Plan) => {
    const transport = await openRabbitTransport({
      ...{ amqpUrl, plan, queueType, log: silentLog, random: Math.random },
      confirmTimeoutMs: 5_000,
      startTimeoutMs: 30_000,
      onUnroutable: undefined,
    })
    return { ...transport, close: () => transport.close().then(() => remove(plan)) }
  }
  describeTransport(open, (name) => `${namespace} ${queueType} ${name}`)
})

async function remove(plan: Plan): Promise<void> {
  const connection = await connect(amqpUrl)
  const channel = await connection.createChannel()
  for (const queue of plan.queues) await channel.deleteQueue(queue.name)
  for (const exchange of plan.exchanges) await channel.deleteExchange(exchange)
  await connection.close()
}
