import type { Logger } from '../_lib/log.ts'
import type { RedisConnection } from '../_lib/redis.redis.ts'
import { isFinal, type JobSnapshot } from './job-snapshot.ts'

/** Snapshots in Redis, a copy of what PostgreSQL knows. Nothing here throws: a reader without a copy asks PostgreSQL. */
export type Snapshots = {
  find: (jobId: string) => Promise<JobSnapshot | undefined>
  /** Replaces the copy and tells subscribers. Calls of one process arrive in their order. */
  publish: (snapshot: JobSnapshot) => Promise<void>
  /** Keeps what was just read from PostgreSQL, unless something newer is there. */
  keep: (snapshot: JobSnapshot) => Promise<void>
}

const keyOf = (jobId: string) => `job:${jobId}`
export const channelOf = keyOf

const finalTtlSeconds = 600
// A copy of unfinished work must not outlive the worker that wrote it by much; a live one renews it.
const unfinishedTtlSeconds = 10
const keptTtlSeconds = 1

export function createSnapshots(redis: RedisConnection, log: Logger): Snapshots {
  return {
    find: async (jobId) => {
      try {
        const text = await redis.use((client) => client.get(keyOf(jobId)))
        return text === null ? undefined : (JSON.parse(text) as JobSnapshot)
      } catch (error) {
        log.debug('A snapshot could not be read', { error })
        return undefined
      }
    },
    publish: async (snapshot) => {
      const text = JSON.stringify(snapshot)
      const ttlSeconds = isFinal(snapshot) ? finalTtlSeconds : unfinishedTtlSeconds
      await redis
        .use((client) =>
          client
            .pipeline()
            .set(keyOf(snapshot.jobId), text, 'EX', ttlSeconds)
            .publish(channelOf(snapshot.jobId), text)
            .exec(),
        )
        .catch((error: unknown) => log.debug('A snapshot could not be written', { error }))
    },
    keep: async (snapshot) => {
      const ttlSeconds = isFinal(snapshot) ? finalTtlSeconds : keptTtlSeconds
      await redis
        .use((client) => client.set(keyOf(snapshot.jobId), JSON.stringify(snapshot), 'EX', ttlSeconds, 'NX'))
        .catch(() => undefined)
    },
  }
}
