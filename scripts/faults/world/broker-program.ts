// Ingress and dispatchers in their own process, as in the cluster, so that they can be killed alone.
import { type RabbitBrokerOptions, startRabbitBroker } from '../../local/broker/rabbit-broker.ts'
import type { BrokerAnswer, BrokerQuestion } from './broker-messages.ts'

const options = JSON.parse(process.env.GROWBIN_FAULTS_BROKER ?? '{}') as RabbitBrokerOptions
const broker = await startRabbitBroker(options)
// Far above any observed share, so that a run of any length meets it.
const rollLostShare = 0.2
const send = (answer: BrokerAnswer) => process.send?.(answer)

process.on('message', async (question: BrokerQuestion) => {
  if (question.ask === 'stats') return send({ id: question.id, value: await broker.stats() })
  if (question.ask === 'violations') return send({ id: question.id, value: broker.violations() })
  if (question.ask === 'roll') {
    await broker.rollDispatchers({ lostShare: rollLostShare })
    return send({ id: question.id, value: null })
  }
  await broker.close()
  process.exit(0)
})
process.on('disconnect', () => process.exit(1))
// As the dispatchers of the cluster end; a test that is over sends "close" instead.
process.on('SIGTERM', () => void broker.close({ cancel: { lostShare: rollLostShare } }).then(() => process.exit(0)))
send({ ready: broker.addresses })
