import type { OpenFunction } from '../process/compose-function.ts'
import { openRedis, type RedisConnection } from './redis.redis.ts'

type WithRedis = Pick<OpenFunction, 'log' | 'closeLater'> & { config: { REDIS_URL: string } }

/**
 * Opens one logical database of Redis for a function, by its number; it connects at the first use and closes with the function.
 *
 * @example `const redis = connectRedis(fn, redisDatabase.cache)`
 */
export const connectRedis = (fn: WithRedis, database: number): RedisConnection =>
  fn.closeLater(openRedis({ url: fn.config.REDIS_URL, database, log: fn.log }))
