// Ingress and dispatchers in a process of their own, as they are in the cluster, so that they can be killed alone.
import { type RabbitBrokerOptions, startRabbitBroker } from '../../local/broker/rabbit-broker.ts'
import type { BrokerAnswer, BrokerQuestion } from './broker-messages.ts'

const options = JSON.parse(process.env.GROWBIN_FAULTS_BROKER ?? '{}') as RabbitBrokerOptions
const broker = await startRabbitBroker(options)
const send = (answer: BrokerAnswer) => process.send?.(answer)

process.on('message', async (question: BrokerQuestion) => {
  if (question.ask === 'stats') return send({ id: question.id, value: await broker.stats() })
  if (question.ask === 'violations') return send({ id: question.id, value: broker.violations() })
  await broker.close()
  process.exit(0)
})
process.on('disconnect', () => process.exit(1))
process.on('SIGTERM', () => void broker.close().then(() => process.exit(0)))
send({ ready: broker.addresses })
