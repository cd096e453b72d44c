import { answerQuestions } from '../../lib/child/answer-questions.ts'
import { type PlatformOptions, startPlatform } from '../../local/platform/platform.ts'
import type { ChildOptions, ChildReady, Question } from './platform-messages.ts'

const options = JSON.parse(process.env.GROWBIN_E2E_PLATFORM ?? '{}') as ChildOptions
const platform = await startPlatform({
  host: '127.0.0.1',
  modelLatencyMs: 0,
  ...options,
  port: 0,
  writeLog: (line) => process.stdout.write(`${line}\n`),
  report: () => undefined,
} satisfies PlatformOptions)

answerQuestions<ChildReady, Question>(
  { url: platform.url, databaseUrl: platform.services.databaseUrl },
  {
    stats: () => platform.broker.stats(),
    violations: () => platform.broker.violations(),
    model_calls: () => platform.services.simulated.model?.control.calls().total,
  },
  () => platform.close(),
)
