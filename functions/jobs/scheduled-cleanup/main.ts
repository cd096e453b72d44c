import { redisDatabase } from '../../_contracts/redis-databases.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { connectOutbox } from '../../_lib/messaging/connect-outbox.pg.ts'
import { eventAppParts } from '../../_lib/messaging/event-app-parts.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { connectRedis } from '../../_lib/stores/connect-redis.redis.ts'
import { connectObjectSweeper } from '../../_lib/stores/s3/connect-object-sweeper.s3.ts'
import { createAuthCleanup } from '../../auth/tasks/clean-up-auth.ts'
import { createProviderLinksCleanup } from '../../auth/tasks/clean-up-provider-links.pg.ts'
import { createCleanupRuns } from '../../events/tasks/cleanup-runs.pg.ts'
import { createEventsCleanup } from '../../events/tasks/expire-events.pg.ts'
import { createGeocodingsCleanup } from '../../locations/tasks/clean-up-geocodings.pg.ts'
import { createPhotoArchiver } from '../../waste/tasks/archive-photos.pg.ts'
import { createAbandonedJobsCleanup, createBudgetCleanup } from '../../waste/tasks/expire-waste.pg.ts'
import { createSimilarityIndexPruner } from '../../waste/tasks/prune-similarity-index.redis.ts'
import { createUploadRemover } from '../../waste/tasks/remove-uploads.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { scheduledCleanup } from './scheduled-cleanup.ts'

/** Together with a turn, less than the deadline of a delivery. */
const objectsTimeoutMs = 3_000

export const start = composeFunction(import.meta, spec, (fn) => {
  const { config, log, metrics } = fn
  const eventsDatabase = connectDatabase(fn)
  const wasteDatabase = connectDatabase(fn, { login: 'WASTE_DATABASE_URL' })
  const authDatabase = connectDatabase(fn, { login: 'AUTH_DATABASE_URL' })
  const locationsDatabase = connectDatabase(fn, { login: 'LOCATIONS_DATABASE_URL' })
  const redis = connectRedis(fn, redisDatabase.analysisCache)
  const objects = connectObjectSweeper(fn, { requestTimeoutMs: objectsTimeoutMs })

  const deps = {
    stepsOf: {
      'cleanup.cache': [
        ...createEventsCleanup(eventsDatabase),
        createAuthCleanup(authDatabase),
        ...createProviderLinksCleanup(authDatabase),
        ...createGeocodingsCleanup(locationsDatabase),
        createBudgetCleanup(wasteDatabase),
        createSimilarityIndexPruner(redis),
      ],
      'cleanup.images': [
        createUploadRemover({ database: wasteDatabase, removeAll: objects.removeAll }),
        createPhotoArchiver(wasteDatabase),
        createAbandonedJobsCleanup(wasteDatabase),
      ],
    },
    runTurn: createCleanupRuns({ database: eventsDatabase, outbox: connectOutbox(fn, eventsDatabase) }),
    createId: createUuidV7,
    now: () => new Date(),
    nowMs: () => performance.now(),
    turnMsMax: config.TURN_MS_MAX,
    log,
    metrics,
  }
  return createHandler({
    ...eventAppParts(fn, eventsDatabase),
    cleanUp: (event, task, command) => scheduledCleanup(deps, event, task, command),
  })
})
