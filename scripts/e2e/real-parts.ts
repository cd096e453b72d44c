import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createResources } from '../../functions/_lib/process/resources.ts'
import type { RealParts } from '../local/platform/parts/services.ts'
import { startEmbeddedPostgres } from '../local/servers/embedded-postgres.ts'
import { findFreePort } from '../local/servers/ports/free-port.ts'
import { startRealRabbitmq } from '../local/servers/real-rabbitmq.ts'
import { startRealRedis } from '../local/servers/real-redis.ts'

type Restartable = {
  stop: () => Promise<void>
  /** Kills it as a power cut would: it writes nothing and closes no connection. */
  kill: () => Promise<void>
  restart: () => Promise<void>
}

export type StartedParts = {
  real: RealParts
  brokerUid: string
  redis: Restartable
  rabbitmq: Restartable
  postgres: Restartable
  close: () => Promise<void>
}

const isInstalled = (program: string) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((folder) => existsSync(join(folder, program)))

/** Whether this machine has the programs to start a Redis and a RabbitMQ that a test may stop. */
export const canStartServers = isInstalled('redis-server') && isInstalled('rabbitmq-server')

/** A Redis, a RabbitMQ and a PostgreSQL beside the platform, which gets only their addresses. */
export async function startRealParts(): Promise<StartedParts> {
  const resources = createResources()
  try {
    const [redis, rabbitmq, postgres] = await Promise.all([
      startRealRedis().then(resources.add),
      startRealRabbitmq().then(resources.add),
      startRestartablePostgres().then(resources.add),
    ])
    return {
      real: { redisUrl: redis.url, amqpUrl: rabbitmq.url, databaseUrl: postgres.url },
      brokerUid: `e2e-${randomBytes(4).toString('hex')}`,
      redis,
      rabbitmq,
      postgres,
      close: resources.close,
    }
  } catch (error) {
    await resources.close().catch(() => undefined)
    throw error
  }
}

export async function startRestartablePostgres() {
  const directory = await mkdtemp(join(tmpdir(), 'growbin-e2e-postgres-'))
  const options = { directory, port: await findFreePort(), log: () => undefined }
  let running = await startEmbeddedPostgres(options)
  const stop = () => running.close()
  return {
    url: running.url,
    stop,
    kill: async () => {
      // "Immediate shutdown": all server processes end at once, and the next start recovers from the log.
      const [processId] = (await readFile(join(directory, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')
      process.kill(Number(processId), 'SIGQUIT')
      await stop()
    },
    restart: async () => {
      await stop()
      running = await startEmbeddedPostgres(options)
    },
    close: async () => {
      await stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
