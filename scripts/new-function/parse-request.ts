import { parseArgs } from 'node:util'
import { dispatcherPrefetch, queueParallelism } from '../../functions/_contracts/queues.ts'
import { eventKeys } from '../../functions/_lib/events/event-keys.ts'
import type { QueueName } from '../../functions/_lib/events/queue-name.ts'
import type { FunctionSpec, HttpMethod, Route } from '../../functions/_lib/process/function-spec.ts'
import { accessTokens, database } from '../../functions/_lib/variables/groups.ts'
import rabbitmq from '../config/rabbitmq.json' with { type: 'json' }
import { wordsOf } from './words.ts'

export const usage = `Usage: npm run new-function -- <domain>-<operation> <trigger>
  --http 'POST /api/v1/waste/analyze'   answers requests at this path
  --queue ai                            handles the events of a queue: ${Object.keys(queueParallelism).join(', ')}
  --cron '*/5 * * * *'                  runs on a schedule, in Seoul time`

const methods: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] satisfies HttpMethod[]
const retries = 2
/** Waits of 1 s, doubled before each of the retries. */
const backoff = 'PT1S'
const waitSeconds = 6
const deliverySecondsMax = 30
/** Of one instance. */
export const connectionsMax = 2

/** The spec of the function that the command line asks for. Throws with the usage when it asks for none. */
export function parseRequest(parameters: readonly string[]): FunctionSpec {
  const { positionals, values } = parseArgs({
    args: [...parameters],
    options: { http: { type: 'string' }, queue: { type: 'string' }, cron: { type: 'string' } },
    allowPositionals: true,
  })
  const [name, ...rest] = positionals
  if (!name || rest.length > 0 || Object.keys(values).length !== 1) throw new Error(usage)
  const { operation, login } = wordsOf(name)
  const common = {
    name,
    node: 'async',
    resources: { cpuMillis: 50, memoryMiB: 128 },
    timeoutSeconds: 60,
    handles: [],
    publishes: [],
  } as const
  const ownDatabase = database(login, { connectionsMax })
  if (values.http !== undefined) {
    return {
      ...common,
      trigger: { routes: [parseRoute(values.http)] },
      // One takes all requests; more are for a load that was measured, since each instance takes connections of PostgreSQL.
      scale: { min: 0, max: 1, concurrency: 0 },
      variables: { ...accessTokens(), ...ownDatabase },
    }
  }
  if (values.queue !== undefined) {
    const queue = parseQueue(values.queue)
    const parallelism = queueParallelism[queue]
    return {
      ...common,
      trigger: { queue, retries, backoff, timeoutSeconds: deliverySeconds(parallelism) },
      scale: { min: 0, max: 2, concurrency: Math.ceil(parallelism / 2) },
      variables: { ...eventKeys(), ...ownDatabase },
    }
  }
  return {
    ...common,
    trigger: { schedules: [{ name, cron: values.cron ?? '', body: { task: operation } }] },
    scale: { min: 0, max: 1, concurrency: 1 },
    variables: { ...eventKeys(), ...ownDatabase },
  }
}

function parseRoute(text: string): Route {
  const [method = '', path = '', ...rest] = text.trim().split(/\s+/)
  if (!methods.includes(method) || !path.startsWith('/') || rest.length > 0) {
    throw new Error(`The route is "${text}"; expected a method and a path, such as 'POST /api/v1/waste/analyze'`)
  }
  return { method: method as HttpMethod, path: path as Route['path'] }
}

function parseQueue(text: string): QueueName {
  if (text in queueParallelism) return text as QueueName
  throw new Error(`The queue is "${text}"; expected one of ${Object.keys(queueParallelism).join(', ')}`)
}

/** A hundred prefetched events, each tried as often as it may be, have to end within RabbitMQ's consumer timeout. */
function deliverySeconds(parallelism: number): number {
  const eventSeconds = (rabbitmq.consumer_timeout / 1000 / dispatcherPrefetch) * parallelism
  return Math.min(deliverySecondsMax, Math.floor((eventSeconds - waitSeconds) / (retries + 1)))
}
