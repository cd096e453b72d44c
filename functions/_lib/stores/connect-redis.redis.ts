import type { OpenFunction } from '../process/compose-function.ts'
import { openRedis, type RedisConnection, redisDatabase } from './redis.redis.ts'

type WithRedis = Pick<OpenFunction, 'log' | 'closeLater'> & { config: { REDIS_URL: string } }

/** Opens one logical database of Redis for a function. It connects at the first use. */
export const connectRedis = (fn: WithRedis, name: keyof typeof redisDatabase): RedisConnection =>
  fn.closeLater(openRedis({ url: fn.config.REDIS_URL, database: redisDatabase[name], log: fn.log }))
