import type { Logger } from '../../_lib/process/log.ts'
import type { RedisConnection } from '../../_lib/stores/redis.redis.ts'
import { createSnapshots } from '../snapshot/snapshots.redis.ts'

/** For work that ends jobs from outside of the waste functions: tells the people who are waiting. */
export const createJobSnapshotPublisher = (redis: RedisConnection, log: Logger) => createSnapshots(redis, log).publish
