// Gateway, supervisors of the functions and simulated logins; the functions and the broker are processes under it.
import { startPlatform } from '../../local/platform/platform.ts'
import { type BrokerProcess, startBrokerProcess } from './broker-process.ts'
import type { PlatformAnswer, PlatformChildOptions, PlatformQuestion } from './platform-messages.ts'

const send = (message: PlatformAnswer) => process.send?.(message)
const writeLog = (line: string) => process.stdout.write(`${line}\n`)
const options = JSON.parse(process.env.GROWBIN_FAULTS_PLATFORM ?? '{}') as PlatformChildOptions

let broker: BrokerProcess | undefined
const platform = await startPlatform({
  ...options,
  host: '127.0.0.1',
  port: 0,
  processes: true,
  modelLatencyMs: 0,
  writeLog,
  report: () => undefined,
  startBroker: async (brokerOptions) => {
    broker = await startBrokerProcess({ broker: brokerOptions, environment: options.processEnvironment, writeLog })
    return broker
  },
})

const answers: Record<PlatformQuestion['ask'], () => unknown> = {
  stats: () => platform.broker.stats(),
  broker_process: () => broker?.processId(),
  roll_dispatchers: () => broker?.rollDispatchers(),
  hold_broker: () => broker?.hold(),
  release_broker: () => broker?.release(),
  close: async () => {
    await platform.close()
    setImmediate(() => process.exit(0))
  },
}
process.on('message', async (question: PlatformQuestion) => {
  try {
    send({ id: question.id, value: await answers[question.ask]() })
  } catch (error) {
    send({ id: question.id, error: (error as Error).message })
  }
})
// The parent process is gone, even by SIGKILL, and cannot stop this one.
process.on('disconnect', () => void platform.close().finally(() => process.exit(1)))
send({ ready: { url: platform.url, brokerUrl: Object.values(platform.broker.addresses)[0] ?? '' } })
