import { redisDatabase } from '../../_contracts/redis-databases.ts'
import { connectBroker, connectOutbox } from '../../_lib/messaging/connect-outbox.pg.ts'
import { eventAppParts } from '../../_lib/messaging/event-app-parts.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { connectRedis } from '../../_lib/stores/connect-redis.redis.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { createProfileSyncRedriver } from '../../auth/tasks/profile-syncs.pg.ts'
import { createProviderUnlinkRedriver } from '../../auth/tasks/provider-unlinks.pg.ts'
import { createGeocodingRedriver } from '../../locations/tasks/geocodings.pg.ts'
import { aggregateDaily } from '../../users/tasks/aggregate-daily.ts'
import { createBatchAggregator } from '../../users/tasks/changed-days.pg.ts'
import { createDeletionRedriver } from '../../users/tasks/deletions.pg.ts'
import { createJobSnapshotPublisher } from '../../waste/tasks/publish-job-snapshot.ts'
import { redriveJobs } from '../../waste/tasks/redrive-jobs.ts'
import { createStalledJobsRedriver } from '../../waste/tasks/stalled-jobs.pg.ts'
import { createCleanupTurnRedriver } from '../tasks/cleanup-turns.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { redrive } from './redrive.ts'
import { relay } from './relay.ts'
import { createBatchRelay } from './relay-batch.pg.ts'

const aggregationMsMax = 5_000

export const start = composeFunction(import.meta, spec, async (fn) => {
  const { config, log } = fn
  const database = connectDatabase(fn)
  const wasteDatabase = connectDatabase(fn, { login: 'WASTE_DATABASE_URL' })
  const usersDatabase = connectDatabase(fn, { login: 'USERS_DATABASE_URL' })
  const authDatabase = connectDatabase(fn, { login: 'AUTH_DATABASE_URL' })
  const locationsDatabase = connectDatabase(fn, { login: 'LOCATIONS_DATABASE_URL' })
  const redis = connectRedis(fn, redisDatabase.progress)
  // One attempt: the rows of a batch are locked meanwhile, and the next run retries.
  const publish = connectBroker(fn, { maxAttempts: 1 })

  const now = () => new Date()
  const outboxOf = (owner: Database) => connectOutbox(fn, owner, publish)
  const redriveStalledJobs = createStalledJobsRedriver({
    database: wasteDatabase,
    outbox: outboxOf(wasteDatabase),
    now,
  })
  const publishSnapshot = createJobSnapshotPublisher(redis, log)
  const redriveDeletions = createDeletionRedriver({ database: usersDatabase, outbox: outboxOf(usersDatabase), now })
  const relayDeps = {
    relayBatch: createBatchRelay({ database, publish, log }),
    log,
    nowMs: Date.now,
    runMsMax: config.RUN_MS_MAX,
  }
  const redriveDeps = {
    redriveBatch: {
      jobs: () => redriveJobs({ redriveStalledJobs, publishSnapshot }),
      deletions: inOneBatch(redriveDeletions),
      profile_syncs: inOneBatch(createProfileSyncRedriver({ database: authDatabase, now })),
      provider_unlinks: inOneBatch(createProviderUnlinkRedriver({ database: authDatabase, now })),
      cleanup_turns: inOneBatch(createCleanupTurnRedriver(database)),
      geocodings: inOneBatch(createGeocodingRedriver({ database: locationsDatabase, now })),
    },
    log,
    nowMs: Date.now,
    runMsMax: config.RUN_MS_MAX,
  }
  const aggregateDeps = {
    aggregateBatch: createBatchAggregator(usersDatabase),
    nowMs: Date.now,
    runMsMax: aggregationMsMax,
  }
  return createHandler({
    ...eventAppParts(fn, database),
    relay: () => relay(relayDeps),
    redrive: async () => {
      const report = await redrive(redriveDeps)
      // Statistics are correct without it, so a failure here must not repeat the run.
      await aggregateDaily(aggregateDeps).catch((error: unknown) => log.error('Days could not be counted', { error }))
      return report
    },
  })
})

/** For kinds of work with few commands: what one batch does not contain waits for the next tick. */
const inOneBatch = (redriveBatch: () => Promise<number>) => async () => ({
  redriven: await redriveBatch(),
  failed: 0,
  more: false,
})
