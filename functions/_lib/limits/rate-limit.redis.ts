import type { RedisConnection } from '../stores/redis.redis.ts'
import { type CountUse, createLocalCounter, decide } from './rate-limit.ts'

/**
 * A `CountUse` that counts in fixed windows in Redis, for all processes together. While Redis is unavailable each process counts by
 * `local`, so the limit then holds for each process. It never throws.
 */
export function createRedisCounter(redis: RedisConnection, local: CountUse = createLocalCounter()): CountUse {
  return async (key, limit, windowSeconds) => {
    const windowMs = windowSeconds * 1000
    try {
      const replies = await redis.use((client) =>
        client.multi().incr(`limit:${key}`).pexpire(`limit:${key}`, windowMs, 'NX').pttl(`limit:${key}`).exec(),
      )
      const [uses, , remainingMs] = (replies ?? []).map((reply) => Number(reply[1]))
      if (uses === undefined || Number.isNaN(uses)) return local(key, limit, windowSeconds)
      return decide(uses, limit, remainingMs && remainingMs > 0 ? remainingMs : windowMs)
    } catch {
      return local(key, limit, windowSeconds)
    }
  }
}
