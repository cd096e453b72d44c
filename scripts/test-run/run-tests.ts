import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startRealRabbitmq } from '../local/servers/real-rabbitmq.ts'
import { startRealRedis } from '../local/servers/real-redis.ts'
import { readReport, type StageResult } from './read-report.ts'
import { runProgram } from './run-program.ts'
import { summarise } from './summarise.ts'

const root = resolve(import.meta.dirname, '../..')
const reports = join(root, '.local', 'test')
const stageTimeoutMs = 20 * 60_000

const { values } = parseArgs({
  options: {
    stage: { type: 'string', multiple: true, default: [] },
    'left-out': { type: 'string', multiple: true, default: [] },
  },
})
const leftOut = values['left-out'].map((text) => {
  const [name = '', why = ''] = text.split(/=(.*)/s)
  return { name, why }
})
const serversAreMissing = process.env.GROWBIN_SERVERS === 'missing'
const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupted.abort())

const results: StageResult[] = []
for (const stage of values.stage) {
  if (interrupted.signal.aborted) leftOut.push({ name: stage, why: 'interrupted' })
  else if (stage === 'integration' && serversAreMissing)
    leftOut.push({ name: stage, why: 'no Redis and RabbitMQ, see above' })
  else results.push(await runStage(stage))
}
const { lines, exitCode } = summarise({ results, leftOut, isCi: process.env.CI === 'true' })
console.log(lines.join('\n'))
process.exit(interrupted.signal.aborted ? 130 : exitCode)

async function runStage(stage: string): Promise<StageResult> {
  const startedMs = performance.now()
  console.log(`\n=== ${stage}`)
  const took = () => performance.now() - startedMs
  try {
    if (stage === 'check') {
      const ended = await run(process.env, ['scripts/check.ts'])
      return {
        stage,
        passed: 0,
        failures: ended === 0 ? [] : [`the check ended with ${ended}, see above`],
        skipped: [],
        durationMs: took(),
      }
    }
    return stage === 'integration'
      ? await withServers((env) => runVitest(stage, env, took))
      : await runVitest(stage, process.env, took)
  } catch (error) {
    return { stage, passed: 0, failures: [(error as Error).message], skipped: [], durationMs: took() }
  }
}

function run(env: NodeJS.ProcessEnv, args: string[]): Promise<number | string> {
  const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(stageTimeoutMs)])
  return runProgram({ command: process.execPath, args, env, cwd: root, signal })
}

async function runVitest(stage: string, env: NodeJS.ProcessEnv, took: () => number): Promise<StageResult> {
  const file = join(reports, `${stage}.json`)
  await mkdir(reports, { recursive: true })
  await rm(file, { force: true })
  const ended = await run(env, [
    ...['node_modules/vitest/vitest.mjs', 'run', '--config', 'scripts/config/vitest.config.ts', '--project', stage],
    ...['--reporter', './scripts/test-run/quiet-reporter.ts', '--reporter', 'json', `--outputFile.json=${file}`],
  ])
  if (interrupted.signal.aborted) throw new Error('interrupted')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return readReport({ stage, text, ended, root, durationMs: took() })
}

/** Provides Redis and RabbitMQ to integration tests in the environment: the given servers, or ones started for this run. */
async function withServers<T>(use: (env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  const { REDIS_URL, AMQP_URL } = process.env
  const [redis, rabbitmq] = await Promise.allSettled([
    REDIS_URL ? undefined : startRealRedis(),
    AMQP_URL ? undefined : startRealRabbitmq(),
  ])
  try {
    if (redis.status === 'rejected') throw redis.reason
    if (rabbitmq.status === 'rejected') throw rabbitmq.reason
    return await use({
      ...process.env,
      REDIS_URL: redis.value?.url ?? REDIS_URL,
      AMQP_URL: rabbitmq.value?.url ?? AMQP_URL,
    })
  } finally {
    for (const server of [redis, rabbitmq]) if (server.status === 'fulfilled') await server.value?.close()
  }
}
