import type { Logger } from '../../_lib/process/log.ts'
import type { RedisConnection } from '../../_lib/stores/redis.redis.ts'
import { isFinal, type JobSnapshot } from './job-snapshot.ts'

/** Copies of snapshots in Redis. Nothing here throws: a reader without a copy asks PostgreSQL. */
export type Snapshots = {
  find: (jobId: string) => Promise<JobSnapshot | undefined>
  /** Replaces the copy and notifies subscribers. Calls of one process arrive in order. */
  publish: (snapshot: JobSnapshot) => Promise<void>
  /** Stores a snapshot just read from PostgreSQL, unless there is a copy. */
  keep: (snapshot: JobSnapshot) => Promise<void>
}

const progressKey = (jobId: string) => `job:${jobId}`
// A separate key, so that a worker that has lost its lease cannot overwrite the end of the job.
const endKey = (jobId: string) => `job:${jobId}:end`
const keyOf = (snapshot: JobSnapshot) => (isFinal(snapshot) ? endKey : progressKey)(snapshot.jobId)

export const channelOf = (jobId: string) => `job:${jobId}`

const finalTtlSeconds = 600
// Short, so that the copy expires soon after its worker died; a live worker renews it.
const unfinishedTtlSeconds = 10
const keptTtlSeconds = 1

export function createSnapshots(redis: RedisConnection, log: Logger): Snapshots {
  return {
    find: async (jobId) => {
      try {
        const [end, progress] = await redis.use((client) => client.mget(endKey(jobId), progressKey(jobId)))
        const text = end ?? progress
        return text ? (JSON.parse(text) as JobSnapshot) : undefined
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
            .set(keyOf(snapshot), text, 'EX', ttlSeconds)
            .publish(channelOf(snapshot.jobId), text)
            .exec(),
        )
        .catch((error: unknown) => log.debug('A snapshot could not be written', { error }))
    },
    keep: async (snapshot) => {
      const ttlSeconds = isFinal(snapshot) ? finalTtlSeconds : keptTtlSeconds
      await redis
        .use((client) => client.set(keyOf(snapshot), JSON.stringify(snapshot), 'EX', ttlSeconds, 'NX'))
        .catch(() => undefined)
    },
  }
}
