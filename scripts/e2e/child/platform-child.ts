import { type PlatformOptions, startPlatform } from '../../local/platform/platform.ts'
import type { Answer, ChildOptions, Question } from './platform-messages.ts'

const send = (message: Answer) => process.send?.(message)

const options = JSON.parse(process.env.GROWBIN_E2E_PLATFORM ?? '{}') as ChildOptions
const platform = await startPlatform({
  host: '127.0.0.1',
  modelLatencyMs: 0,
  ...options,
  port: 0,
  writeLog: (line) => process.stdout.write(`${line}\n`),
  report: () => undefined,
} satisfies PlatformOptions)

const answers: Record<Question['ask'], () => Promise<unknown>> = {
  stats: () => platform.broker.stats(),
  violations: async () => platform.broker.violations(),
  model_calls: async () => platform.services.simulated.model?.control.calls().total,
  close: async () => {
    await platform.close()
    setImmediate(() => process.exit(0))
  },
}
process.on('message', (question: Question) => {
  answers[question.ask]().then(
    (value) => send({ id: question.id, value }),
    (error: Error) => send({ id: question.id, error: error.message }),
  )
})
// The test process is gone, even by SIGKILL, and cannot stop this one.
process.on('disconnect', () => void platform.close().finally(() => process.exit(1)))
send({ ready: { url: platform.url, databaseUrl: platform.services.databaseUrl } })
