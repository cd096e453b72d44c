import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { connect } from 'amqplib'

const executable = '/usr/lib/rabbitmq/bin/rabbitmq-server'

export const canStartRabbitServer = existsSync(executable)

/** A RabbitMQ of the test, on free ports and in a temporary folder, that can be killed and restarted. */
export async function startRabbitServer() {
  const folder = await mkdtemp(join(tmpdir(), 'rabbit-'))
  const [port, distPort, epmdPort] = await Promise.all([freePort(), freePort(), freePort()])
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    RABBITMQ_NODENAME: `test${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distPort),
    ERL_EPMD_PORT: String(epmdPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
  }
  await writeFile(join(folder, 'plugins'), '[].')
  await writeFile(join(folder, '.erlang.cookie'), 'test', { mode: 0o400 })
  const amqpUrl = `amqp://guest:guest@127.0.0.1:${port}`
  let running: ChildProcess | undefined

  async function start(): Promise<void> {
    running = spawn(executable, { env: environment, cwd: folder, detached: true, stdio: 'ignore' })
    const deadline = performance.now() + 60_000
    while (!(await answers(amqpUrl))) {
      if (performance.now() > deadline) throw new Error(`RabbitMQ on port ${port} did not answer in 60 s.`)
      await sleep(100)
    }
  }

  /** Ends the whole process group: SIGKILL as a power cut would, SIGTERM for a clean shutdown. */
  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = running
    if (child?.pid === undefined) return
    running = undefined
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    process.kill(-child.pid, signal)
    await exited
  }

  await start()
  return {
    amqpUrl,
    start,
    kill: () => end('SIGKILL'),
    shutDown: () => end('SIGTERM'),
    stop: async () => {
      await end('SIGKILL')
      // The port mapper of Erlang leaves the process group, so it is stopped separately.
      await promisify(execFile)('epmd', ['-port', String(epmdPort), '-kill']).catch(() => undefined)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function answers(amqpUrl: string): Promise<boolean> {
  try {
    await (await connect(amqpUrl)).close()
    return true
  } catch {
    return false
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
