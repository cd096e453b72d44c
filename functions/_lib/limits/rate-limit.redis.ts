import type { RedisConnection } from '../stores/redis.redis.ts'
import { type CountUse, createLocalCounter, decide } from './rate-limit.ts'

/** Fixed windows in Redis. While Redis is away each process counts for itself, so the limit is looser but holds. */
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
