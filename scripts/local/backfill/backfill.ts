import { setTimeout as pause } from 'node:timers/promises'
import { batchAnalyticsDailyV1 } from '../../../functions/_contracts/events/batch-analytics-daily.v1.ts'
import { type BatchTask, batchRangeSchema, batchTasks } from '../../../functions/_contracts/events/batch-range.v1.ts'
import { batchReportGenerateV1 } from '../../../functions/_contracts/events/batch-report-generate.v1.ts'
import { createEvent } from '../../../functions/_lib/events/event-contract.ts'
import { continueTrace } from '../../../functions/_lib/events/trace.ts'
import { createUuidV7 } from '../../../functions/_lib/http/uuid.ts'
import { createPublisher } from '../../../functions/_lib/messaging/publish-event.ts'
import type { WholeRun } from '../../../functions/events/operate/runs/runs.ts'
import { periodsOf } from '../../../functions/jobs/batch-aggregate/periods.ts'
import { RefusedError } from '../dead-letters/operations-client.ts'
import {
  exitCodeOf,
  flag,
  messageOf,
  openOperations,
  operatorOptions,
  readArguments,
  text,
  UsageError,
} from '../dead-letters/operator-command.ts'
import { findSignatures } from '../platform/environment/local-signatures.ts'
import { findBrokerUrl } from './find-broker-url.ts'
import { BackfillError, followRun } from './follow-run.ts'
import { lastClosedDay } from './last-closed-day.ts'

const usage = `Usage: ./scripts/backfill TASK --from DAY --to DAY [options]

Requests batch work for a range of days (YYYY-MM-DD, in Seoul, both included), and follows it to its end.

  analytics.daily     the figures of each day
  report.generate     the report of each week, from Monday to Sunday, within the days

Options
  --again             repeat periods that are done, and replace their results
  --dry-run           print the event, and send nothing
  --no-wait           send the event, and do not follow the run
  --broker-url URL    ingress of the broker (GROWBIN_BROKER_URL; else the one of the platform at --base-url)
  --base-url URL      the deployment (http://127.0.0.1:8080)
  --token TOKEN       of an operator (GROWBIN_OPERATOR_TOKEN; else one for the platform on this machine)
  --data DIRECTORY    where ./scripts/start keeps its data (.local/start); its key signs the event unless EVENT_KEYS is set
  --patience N        seconds without any progress after which it gives up (480: a step that was lost is found in 420)
  --help              this text

Exit codes: 0 done, 1 failed or gave up, 2 wrong usage, 4 the token is refused`

const options = {
  ...operatorOptions,
  ...{ from: text, to: text, 'broker-url': text, again: flag, 'dry-run': flag, 'no-wait': flag },
  patience: { type: 'string', default: '480' },
} as const
const contracts = { 'analytics.daily': batchAnalyticsDailyV1, 'report.generate': batchReportGenerateV1 } as const

async function main(): Promise<void> {
  const { values, positionals } = readArguments(options)
  if (values.help) return console.log(usage)
  const { task, range, periods } = readRequest(positionals, values, new Date())
  const runId = createUuidV7()
  const event = createEvent(
    contracts[task],
    {
      id: createUuidV7(),
      source: '/growbin/scripts/backfill',
      subject: task,
      time: new Date(),
      traceparent: continueTrace(undefined),
    },
    { ...range, ...(values.again && { again: true }), run_id: runId },
  )
  const unit = task === 'analytics.daily' ? 'day' : 'week'
  const amount = `${periods} ${unit}${periods === 1 ? '' : 's'}`
  if (values['dry-run']) {
    const { extensions, ...attributes } = event
    console.log(JSON.stringify({ ...attributes, ...extensions }, null, 2))
    return console.log(`Would request ${amount}; nothing was sent`)
  }

  const { client, dataDirectory } = openOperations(values)
  const readRun = () => client.readRun(runId).catch(undefinedWhenMissing)
  const { sign } = await findSignatures({ given: process.env.EVENT_KEYS, dataDirectory })
  // A run that cannot be followed must fail before the command is sent.
  if (!values['no-wait']) await readRun()
  const brokerUrl = await findBrokerUrl(values['broker-url'] ?? process.env.GROWBIN_BROKER_URL, values['base-url'])
  const publish = createPublisher({ brokerUrl, sign, timeoutMs: 5_000, maxAttempts: 3 })
  await publish(event)
  console.log(`✓ requested ${amount} of ${task}, run ${runId}`)
  if (values['no-wait']) return

  const rejections = new URLSearchParams({ consumer: 'jobs-batch-aggregate', kind: 'rejected', type: event.type })
  const run = await followRun({
    readRun,
    isFinal: (error) => error instanceof RefusedError && error.status < 500,
    findRejection: async () => {
      const { items } = await client.list(rejections)
      return items.find(({ event_id }) => event_id === event.id)?.reason
    },
    repeatCommand: () => publish(event),
    draw: createDrawing(unit),
    pause: (ms) => pause(ms),
    nowMs: () => performance.now(),
    patienceMs: Number(values.patience) * 1000,
  })
  const before = periods - run.periods
  console.log(`✓ ${run.done} done${before > 0 ? `, ${before} before` : ''}`)
}

function readRequest(
  positionals: readonly string[],
  values: { from?: string | undefined; to?: string | undefined; patience: string },
  now: Date,
) {
  const [task, ...rest] = positionals
  if (task === undefined) throw new UsageError('The task is missing')
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is one argument too many`)
  if (!isTask(task)) throw new UsageError(`"${task}" is no task; expected ${batchTasks.join(' or ')}`)
  if (!(Number(values.patience) > 0)) throw new UsageError(`"--patience" is "${values.patience}"; expected seconds`)
  const { success, data: range, error } = batchRangeSchema.safeParse({ from: values.from, to: values.to })
  if (!success) {
    throw new UsageError(error.issues.map(({ path, message }) => `"--${path.join('.')}": ${message}`).join('\n'))
  }
  const closedDay = lastClosedDay(now)
  if (range.to > closedDay) {
    throw new UsageError(`"--to" is ${range.to}; the last day that is over in Seoul is ${closedDay}`)
  }
  const periods = periodsOf(task, range).length
  if (periods === 0) throw new UsageError(`No week from Monday to Sunday lies within ${range.from} and ${range.to}`)
  return { task, range, periods }
}

const isTask = (task: string): task is BatchTask => (batchTasks as readonly string[]).includes(task)

function undefinedWhenMissing(error: unknown): undefined {
  if (error instanceof RefusedError && error.status === 404) return undefined
  throw error
}

const barWidth = 30

/** A bar that moves on a terminal, and a line for each change elsewhere. */
function createDrawing(unit: string): (run: WholeRun) => void {
  let last = ''
  return ({ progress, done, periods, at_work }) => {
    const filled = Math.round((progress / 100) * barWidth)
    const [current] = at_work
    const doing = current ? `${current.period}${current.last_error ? ` (${current.last_error})` : ''}` : ''
    const line = `  ${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${progress.toFixed(1).padStart(5)}% ${done}/${periods} ${unit}s ${doing}`
    if (line === last) return
    last = line
    if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${line}${progress === 100 ? '\n' : ''}`)
    else console.log(line.trimEnd())
  }
}

try {
  await main()
} catch (error) {
  console.error(`${error instanceof BackfillError ? '\n✗ ' : ''}${messageOf(error, './scripts/backfill')}`)
  process.exitCode = exitCodeOf(error)
}
