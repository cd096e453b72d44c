import type { Redis } from 'ioredis'
import { UnavailableError } from '../http/errors.ts'
import type { Logger } from '../process/log.ts'

/** Redis. It may be away or empty at any time, so nothing that must not be lost is kept only there. */
export type RedisConnection = {
  /** Runs commands with a deadline. Throws `UnavailableError` at once while Redis is away. */
  use: <T>(commands: (redis: Redis) => Promise<T>) => Promise<T>
  /** A connection of its own for a subscriber. */
  duplicate: () => Promise<Redis>
  close: () => Promise<void>
}

export type RedisOptions = {
  url: string
  /** Number of the logical database. */
  database: number
  log: Logger
  commandTimeoutMs?: number
}

const connectTimeoutMs = 1_000
const reconnectDelayMsMax = 2_000

/** Connects at the first use: loading the driver costs half as much as the start of an empty process. */
export function openRedis(options: RedisOptions): RedisConnection {
  let opening: Promise<Redis> | undefined

  const connect = async (): Promise<Redis> => {
    const { Redis: Client } = await import('ioredis')
    const redis = new Client(options.url, {
      db: options.database,
      lazyConnect: true,
      connectTimeout: connectTimeoutMs,
      commandTimeout: options.commandTimeoutMs ?? 250,
      // A command must not wait for a reconnect: the caller has another source and takes it at once.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      enableReadyCheck: false,
      retryStrategy: (tries) => Math.min(reconnectDelayMsMax, 50 * 2 ** Math.min(tries, 6)) * (0.5 + Math.random() / 2),
    })
    let reported = false
    redis.on('error', (error) => {
      if (!reported) options.log.warn('Redis is away', { error })
      reported = true
    })
    redis.on('ready', () => {
      if (reported) options.log.info('Redis is back')
      reported = false
    })
    await redis.connect().catch(() => undefined)
    return redis
  }

  return {
    use: async (commands) => {
      opening ??= connect()
      try {
        return await commands(await opening)
      } catch (error) {
        throw new UnavailableError('redis', 'Redis did not answer', { cause: error })
      }
    },
    duplicate: async () => {
      opening ??= connect()
      const redis = (await opening).duplicate({
        lazyConnect: true,
        enableOfflineQueue: true,
        commandTimeout: undefined,
      })
      redis.on('error', () => undefined)
      return redis
    },
    close: async () => {
      const redis = await opening
      redis?.disconnect()
    },
  }
}
