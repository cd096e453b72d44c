import { join, resolve } from 'node:path'
import * as z from 'zod'
import { repositoryRoot } from './platform/function-catalogue.ts'
import { type Platform, startPlatform } from './platform/platform.ts'

const optionsSchema = z.object({
  port: z.coerce.number().int().min(0).max(65_535),
  host: z.string(),
  processes: z.boolean(),
  'idle-seconds': z.coerce.number().positive(),
  stages: z.boolean(),
  'model-latency': z.coerce.number().int().nonnegative(),
  fresh: z.boolean(),
  data: z.string().optional(),
})

const startedMs = performance.now()
const environment = process.env
let platform: Platform | undefined
let stopping = false

process.on('message', () => void stop())
// The supervisor is gone, even by SIGKILL: nobody is left to stop this.
process.on('disconnect', () => void stop())
// Whoever read the output may be gone before this has stopped everything.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => void stop())

try {
  const options = readOptions()
  platform = await startPlatform({
    dataDirectory: options.data ? resolve(options.data) : join(repositoryRoot, '.local', 'start'),
    port: options.port,
    host: options.host,
    processes: options.processes,
    idleMs: options['idle-seconds'] * 1000,
    variant: options.stages ? 'stages' : 'single',
    modelLatencyMs: options['model-latency'],
    fresh: options.fresh,
    real: {
      databaseUrl: environment.DATABASE_URL,
      redisUrl: environment.REDIS_URL,
      amqpUrl: environment.AMQP_URL,
      s3Endpoint: environment.S3_ENDPOINT,
      openaiBaseUrl: environment.OPENAI_BASE_URL,
      kakaoLocalUrl: environment.KAKAO_LOCAL_URL,
    },
    overrides: environment,
    writeLog: (line) => process.stdout.write(`${line}\n`),
    report: (step) => process.stdout.write(`${seconds().padStart(6)} s  ${step}\n`),
  })
  if (stopping) await platform.close()
  else printWelcome(platform, options.processes)
} catch (error) {
  process.stderr.write(`\nGrowbin did not start: ${(error as Error).message}\n`)
  if (environment.LOG_LEVEL === 'debug') process.stderr.write(`${(error as Error).stack}\n`)
  process.exit(1)
}

function readOptions() {
  const parsed = optionsSchema.safeParse(JSON.parse(environment.GROWBIN_START_OPTIONS ?? '{}'))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`"--${String(issue?.path[0])}" is wrong: ${issue?.message}`)
}

function printWelcome({ url, parts, revisions }: Platform, processes: boolean) {
  const width = Math.max(...parts.map((part) => part.name.length))
  const lines = parts.map((part) => `  ${part.name.padEnd(width)}  ${part.note.padEnd(30)} ${part.address}`)
  const how = processes ? 'each a process, started on demand' : 'all in this process'
  process.stdout.write(
    [
      '',
      `Growbin is ready after ${seconds()} s at ${url}`,
      '',
      ...lines,
      `  ${'Functions'.padEnd(width)}  ${how}: ${[...revisions.keys()].join(', ')}`,
      '',
      `Try it:  ./scripts/demo --base-url ${url}     Stop it:  Ctrl-C`,
      '',
      '',
    ].join('\n'),
  )
}

async function stop() {
  if (stopping) return
  stopping = true
  if (!platform) return
  process.stdout.write('stopping…\n')
  try {
    await platform.close()
    process.stdout.write(`stopped\n`)
    process.exit(0)
  } catch (error) {
    process.stderr.write(`Not everything stopped: ${(error as Error).message}\n`)
    process.exit(1)
  }
}

function seconds(): string {
  return ((performance.now() - startedMs) / 1000).toFixed(1)
}
