import { createEventSignatures } from '../../_lib/events/event-signature.ts'
import { createDeadLetterRecorder } from '../../_lib/messaging/dead-letters.pg.ts'
import { createOutbox } from '../../_lib/messaging/outbox.pg.ts'
import { createPublisher } from '../../_lib/messaging/publish-event.ts'
import type { Environment } from '../../_lib/process/config.ts'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { type Database, openDatabase } from '../../_lib/stores/database.pg.ts'
import { openRedis, redisDatabase } from '../../_lib/stores/redis.redis.ts'
import { createProfileSyncRedriver } from '../../auth/tasks/profile-syncs.pg.ts'
import { createProviderUnlinkRedriver } from '../../auth/tasks/provider-unlinks.pg.ts'
import { createGeocodingRedriver } from '../../locations/tasks/geocodings.pg.ts'
import { aggregateDaily } from '../../users/tasks/aggregate-daily.ts'
import { createBatchAggregator } from '../../users/tasks/changed-days.pg.ts'
import { createDeletionRedriver } from '../../users/tasks/deletions.pg.ts'
import { createJobSnapshotPublisher } from '../../waste/tasks/publish-job-snapshot.ts'
import { createQuietJobsRedriver } from '../../waste/tasks/quiet-jobs.pg.ts'
import { redriveJobs } from '../../waste/tasks/redrive-jobs.ts'
import { createCleanupTurnRedriver } from '../tasks/cleanup-turns.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { redrive } from './redrive.ts'
import { relay } from './relay.ts'
import { createBatchRelay } from './relay-batch.pg.ts'

const aggregationMsMax = 5_000

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = readConfig(spec.variables, environment)
  const resources = createResources()
  const log = createLogger({ service: spec.name, level: config.LOG_LEVEL, revision: config.K_REVISION })
  const signatures = createEventSignatures(config.EVENT_KEYS)
  const database = resources.add(
    openDatabase({ url: config.DATABASE_URL, connectionsMax: spec.variables.DATABASE_URL.connectionsMax, log }),
  )
  const wasteDatabase = resources.add(
    openDatabase({
      url: config.WASTE_DATABASE_URL,
      connectionsMax: spec.variables.WASTE_DATABASE_URL.connectionsMax,
      log,
    }),
  )
  const usersDatabase = resources.add(
    openDatabase({
      url: config.USERS_DATABASE_URL,
      connectionsMax: spec.variables.USERS_DATABASE_URL.connectionsMax,
      log,
    }),
  )
  const authDatabase = resources.add(
    openDatabase({
      url: config.AUTH_DATABASE_URL,
      connectionsMax: spec.variables.AUTH_DATABASE_URL.connectionsMax,
      log,
    }),
  )
  const locationsDatabase = resources.add(
    openDatabase({
      url: config.LOCATIONS_DATABASE_URL,
      connectionsMax: spec.variables.LOCATIONS_DATABASE_URL.connectionsMax,
      log,
    }),
  )
  const redis = resources.add(openRedis({ url: config.REDIS_URL, database: redisDatabase.progress, log }))
  // One try: the rows of a batch are locked meanwhile, and the next run is the next try.
  const publish = createPublisher({ brokerUrl: config.BROKER_URL, sign: signatures.sign, triesMax: 1 })

  const now = () => new Date()
  const outboxOf = (owner: Database) => createOutbox({ database: owner, publish, log })
  const redriveQuietJobs = createQuietJobsRedriver({ database: wasteDatabase, outbox: outboxOf(wasteDatabase), now })
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
      jobs: () => redriveJobs({ redriveQuietJobs, publishSnapshot }),
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
  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    signatures,
    recordDeadLetter: createDeadLetterRecorder(database),
    relay: () => relay(relayDeps),
    redrive: async () => {
      const report = await redrive(redriveDeps)
      // Statistics are right without it, so a failure here must not have the run repeated.
      await aggregateDaily(aggregateDeps).catch((error: unknown) => log.error('Days could not be counted', { error }))
      return report
    },
  })
  return { app, close: resources.close }
}

/** Of orders that are few: what a batch does not hold waits for the next tick. */
const inOneBatch = (redriveOrders: () => Promise<number>) => async () => ({
  redriven: await redriveOrders(),
  failed: 0,
  more: false,
})

if (import.meta.main) await serve(start)
