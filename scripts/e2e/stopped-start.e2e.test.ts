import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { repositoryRoot } from '../lib/repository-root.ts'
import { until } from '../lib/until.ts'
import { checkPortFree, findFreePort } from '../local/servers/ports/free-port.ts'
import { type RealRabbitmq, startRealRabbitmq } from '../local/servers/real-rabbitmq.ts'
import { canStartServers } from './real-parts.ts'

const opened: { child: ChildProcess; folder: string }[] = []
afterEach(async () => {
  for (const { child, folder } of opened.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) process.kill(-Number(child.pid), 'SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
})

/** Processes that have this text in their environment, which also finds orphans. */
function processesWith(text: string): number[] {
  const pattern = new RegExp(`(^|\0)TMPDIR=${text}`)
  return execFileSync('ps', ['-A', '-o', 'pid=,stat='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([pid, stat = '']) => !stat.startsWith('Z') && pattern.test(readEnvironment(pid)))
    .map(([pid]) => Number(pid))
}

function readEnvironment(pid = ''): string {
  try {
    return execFileSync('cat', [`/proc/${pid}/environ`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}

/** The PostgreSQL of a data folder, whose environment does not have the text. */
const postgresOf = (folder: string) =>
  execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder) && !line.includes('scripts/start'))

type Moment = { line: string; afterMs: number }

/** Starts it in its own process group, and sends what the Ctrl-C of a terminal sends at a moment of the start. */
async function interruptAt(moment: Moment, options: { args?: string[]; amqpUrl?: string | undefined }) {
  const folder = await mkdtemp(join(tmpdir(), 'growbin-stopped-'))
  await chmod(folder, 0o711)
  const temporary = await mkdtemp(join(folder, 'tmp-'))
  const port = await findFreePort()
  const args = ['--port', String(port), '--data', join(folder, 'data'), ...(options.args ?? [])]
  const child = spawn(join(repositoryRoot, 'scripts/start'), args, {
    env: {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: temporary },
      ...(options.amqpUrl && { AMQP_URL: options.amqpUrl }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  opened.push({ child, folder })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  await until(`"${moment.line}" in the output`, () => output.includes(moment.line), 60_000)
  await pause(moment.afterMs)
  const startedMs = performance.now()
  process.kill(-Number(child.pid), 'SIGINT')
  const end = await Promise.race([ended, pause(20_000).then(() => 'it still runs' as const)])
  const tookMs = performance.now() - startedMs
  await until('All processes to end', () => processesWith(temporary).length + postgresOf(folder).length === 0, 20_000)
  await checkPortFree(port, 'The gateway')
  const left = (await readdir(folder, { recursive: true })).filter((path) => /\.partial$|^tmp-[^/]*\//.test(path))
  return { end, tookMs, output, left: left.filter((path) => !path.includes('node-compile-cache')) }
}

const moments: Moment[] = [
  ...[20, 200, 500, 1000].map((afterMs) => ({ line: '', afterMs })),
  ...[0, 150, 600, 1200, 2500].map((afterMs) => ({ line: 'starting the parts', afterMs })),
  ...[0, 200].map((afterMs) => ({ line: 'migrating the database', afterMs })),
  ...[0, 300].map((afterMs) => ({ line: 'the functions', afterMs })),
  ...[0, 20, 60, 150].map((afterMs) => ({ line: 'starting the broker', afterMs })),
]
const named = moments.map((moment) => [moment.afterMs, moment.line || 'the command', moment] as const)

const expectStopped = async (stopping: ReturnType<typeof interruptAt>, atExit: (number | null)[]) => {
  const { end, tookMs, output, left } = await stopping
  expect(end, output).toMatchObject({ code: expect.toSatisfy((code) => atExit.includes(code)) })
  expect(tookMs).toBeLessThan(10_000)
  expect(left).toEqual([])
  expect(output).not.toContain('did not start')
}

// Within the first moments the signal ends the shell or Node.js itself, before any code of this repository runs.
const codesAt = ({ line }: Moment) => (line === '' ? [0, 130, null] : [0])

describe('Ctrl-C while ./scripts/start starts ends it within seconds and leaves no process, port or file', () => {
  it.each(named)('all in one process, %i ms after "%s"', async (_ms, _line, moment) => {
    await expectStopped(interruptAt(moment, {}), codesAt(moment))
  })

  it.each(named.filter(([ms, line]) => line !== 'the command' && (ms === 0 || ms > 1000)))(
    'each function a process, %i ms after "%s"',
    async (_ms, _line, moment) => {
      await expectStopped(interruptAt(moment, { args: ['--processes'] }), codesAt(moment))
    },
  )

  describe.skipIf(!canStartServers)('over RabbitMQ', () => {
    let rabbitmq: RealRabbitmq
    beforeAll(async () => {
      rabbitmq = await startRealRabbitmq()
    })
    afterAll(() => rabbitmq?.close())

    it.each(named.filter(([, line]) => line.startsWith('starting the broker')))(
      '%i ms after "%s"',
      async (_ms, _line, moment) => {
        await expectStopped(interruptAt(moment, { amqpUrl: rabbitmq.url }), codesAt(moment))
      },
    )
  })

  it('over a RabbitMQ that is unavailable', async () => {
    const amqpUrl = `amqp://guest:guest@127.0.0.1:${await findFreePort()}`
    await expectStopped(interruptAt({ line: 'RabbitMQ is unavailable', afterMs: 100 }, { amqpUrl }), [0])
  })

  it('over a RabbitMQ that accepts connections and never answers', async () => {
    const { createServer } = await import('node:net')
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    const moment = { line: 'starting the broker', afterMs: 200 }
    await expectStopped(interruptAt(moment, { amqpUrl: `amqp://guest:guest@127.0.0.1:${port}` }), [0])
    silent.close()
  })
})
