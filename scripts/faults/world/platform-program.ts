// Gateway, supervisors of the functions and simulated logins; the functions and the broker are processes under it.
import { answerQuestions } from '../../lib/child/answer-questions.ts'
import { startPlatform } from '../../local/platform/platform.ts'
import { type BrokerProcess, startBrokerProcess } from './broker-process.ts'
import type { PlatformChildOptions, PlatformQuestion, PlatformReady } from './platform-messages.ts'

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

answerQuestions<PlatformReady, PlatformQuestion>(
  { url: platform.url, brokerUrl: Object.values(platform.broker.addresses)[0] ?? '' },
  {
    stats: () => platform.broker.stats(),
    broker_process: () => broker?.processId(),
    roll_dispatchers: () => broker?.rollDispatchers(),
    hold_broker: () => broker?.hold(),
    release_broker: () => broker?.release(),
  },
  () => platform.close(),
)
