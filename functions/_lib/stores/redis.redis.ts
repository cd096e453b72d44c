import type { Redis } from 'ioredis'
import { UnavailableError } from '../http/errors.ts'
import type { Logger } from '../process/log.ts'

/** Redis. It may be unavailable or empty at any time, so it holds only copies and counts that may be lost. */
export type RedisConnection = {
  /** Runs commands with a deadline. Throws `UnavailableError`, at once while Redis is known to be unavailable. */
  use: <T>(commands: (redis: Redis) => Promise<T>) => Promise<T>
  /** Opens another connection, for a subscriber. */
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

/**
 * Opens one logical database of Redis. The driver is loaded at the first use, since that takes half as long as the start of an empty
 * process. Each command has a deadline of `commandTimeoutMs` milliseconds, 250 by default.
 *
 * @example
 * const redis = openRedis({ url, database: redisDatabase.cache, log })
 * const text = await redis.use((client) => client.get('key'))
 */
export function openRedis(options: RedisOptions): RedisConnection {
  let opening: Promise<Redis> | undefined

  const connect = async (): Promise<Redis> => {
    const { Redis: Client } = await import('ioredis')
    const redis = new Client(options.url, {
      db: options.database,
      lazyConnect: true,
      connectTimeout: connectTimeoutMs,
      commandTimeout: options.commandTimeoutMs ?? 250,
      // A command must not wait for a reconnection: every caller has another source, and uses it at once.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      enableReadyCheck: false,
      retryStrategy: (tries) => Math.min(reconnectDelayMsMax, 50 * 2 ** Math.min(tries, 6)) * (0.5 + Math.random() / 2),
    })
    let reported = false
    redis.on('error', (error) => {
      if (!reported) options.log.warn('Redis is unavailable', { error })
      reported = true
    })
    redis.on('ready', () => {
      if (reported) options.log.info('Redis is available again')
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
