import { join, resolve } from 'node:path'
import type { Platform } from './platform/platform.ts'

// After it the process exits; the embedded servers are tied to it, and end with it.
const stopTimeoutMs = 30_000
const startedMs = performance.now()
const environment = process.env
let platform: Platform | undefined
const stopping = new AbortController()

// Before any other module is loaded, which takes a second: a signal during that second must stop the start.
process.on('message', () => void stop())
// The supervisor is gone, even by SIGKILL, and cannot stop this process.
process.on('disconnect', () => void stop())
// The reader of the output may have ended before this process has stopped everything.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => void stop())
if (process.send && !process.connected) void stop()

try {
  const { repositoryRoot } = await import('../lib/repository-root.ts')
  const { startPlatform } = await import('./platform/platform.ts')
  const options = await readOptions()
  const started = await startPlatform({
    signal: stopping.signal,
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
  platform = started
  printWelcome(started, options.processes)
} catch (error) {
  if (stopping.signal.aborted) {
    process.stdout.write('stopped\n')
    process.exit(0)
  }
  process.stderr.write(`\nGrowbin did not start: ${(error as Error).message}\n`)
  if (environment.LOG_LEVEL === 'debug') process.stderr.write(`${(error as Error).stack}\n`)
  process.exit(1)
}

async function readOptions() {
  const z = await import('zod')
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
  const parsed = optionsSchema.safeParse(JSON.parse(environment.GROWBIN_START_OPTIONS ?? '{}'))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`"--${String(issue?.path[0])}" is wrong: ${issue?.message}`)
}

function printWelcome({ url, parts, revisions }: Platform, processes: boolean) {
  const width = Math.max(...parts.map((part) => part.name.length))
  const noteWidth = Math.max(...parts.map((part) => part.note.length))
  const lines = parts.map((part) => `  ${part.name.padEnd(width)}  ${part.note.padEnd(noteWidth)}  ${part.address}`)
  const how = processes ? 'each a process, started on demand' : 'all in this process'
  process.stdout.write(
    [
      '',
      `Growbin is ready after ${seconds()} s at ${url} (${url}/readyz answers 200)`,
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
  if (stopping.signal.aborted) return
  process.stdout.write('stopping…\n')
  setTimeout(() => {
    process.stderr.write(`Not everything stopped within ${stopTimeoutMs / 1000} s\n`)
    process.exit(1)
  }, stopTimeoutMs).unref()
  stopping.abort(new Error('It was stopped while it started.'))
  // The start itself closes what has started so far.
  if (!platform) return
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
