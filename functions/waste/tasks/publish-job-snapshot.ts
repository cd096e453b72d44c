import type { Logger } from '../../_lib/process/log.ts'
import type { RedisConnection } from '../../_lib/stores/redis.redis.ts'
import { createSnapshots } from '../snapshot/snapshots.redis.ts'

/** Publishes the end of a job to its followers, for work outside of the waste functions. */
export const createJobSnapshotPublisher = (redis: RedisConnection, log: Logger) => createSnapshots(redis, log).publish
