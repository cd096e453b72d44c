import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from './ports/free-port.ts'
import { probeTcp } from './ports/probe-tcp.ts'
import { createRestartableServer, type RestartableServer } from './restartable-server.ts'
import { spawnTied } from './spawn-tied.ts'
import { waitUntilAnswers } from './wait-until.ts'

const START_TIMEOUT_MS = 10_000
const STOP_TIMEOUT_MS = 10_000

/** Starts the installed `redis-server` in its own directory; every write is on disk before it is answered. */
export async function startRealRedis(log: (line: string) => void = () => undefined): Promise<RestartableServer> {
  const directory = await mkdtemp(join(tmpdir(), 'growbin-redis-'))
  const port = await findFreePort()
  const settings = { port, bind: '127.0.0.1', dir: directory, save: '', appendonly: 'yes', appendfsync: 'always' }

  return createRestartableServer(`redis://127.0.0.1:${port}`, directory, async () => {
    const tied = await spawnTied({
      command: 'redis-server',
      args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
      env: process.env,
      directory,
      stopSignal: 'SIGTERM',
      stopTimeoutMs: STOP_TIMEOUT_MS,
      log,
    })
    await waitUntilAnswers('redis-server', tied, START_TIMEOUT_MS, () =>
      probeTcp(port, 'PING\r\n', (first) => first.toString().startsWith('+PONG')),
    )
    return tied
  })
}
