import { createEventSignatures } from '../../_lib/events/event-signature.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { createDeadLetterRecorder } from '../../_lib/messaging/dead-letters.pg.ts'
import { createOutbox } from '../../_lib/messaging/outbox.pg.ts'
import { createPublisher } from '../../_lib/messaging/publish-event.ts'
import type { Environment } from '../../_lib/process/config.ts'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { objectStoreOptions } from '../../_lib/process/variables.ts'
import { openDatabase } from '../../_lib/stores/database.pg.ts'
import { openObjectSweeper } from '../../_lib/stores/object-sweeper.s3.ts'
import { openRedis, redisDatabase } from '../../_lib/stores/redis.redis.ts'
import { createAuthCleanup } from '../../auth/tasks/clean-up-auth.ts'
import { createProviderLinksCleanup } from '../../auth/tasks/clean-up-provider-links.pg.ts'
import { createCleanupRuns } from '../../events/tasks/cleanup-runs.pg.ts'
import { createEventsCleanup } from '../../events/tasks/expire-events.pg.ts'
import { createGeocodingsCleanup } from '../../locations/tasks/clean-up-geocodings.pg.ts'
import { createPhotoArchiver } from '../../waste/tasks/archive-photos.pg.ts'
import { createAbandonedJobsCleanup, createBudgetCleanup } from '../../waste/tasks/expire-waste.pg.ts'
import { createBandPruner } from '../../waste/tasks/prune-bands.redis.ts'
import { createUploadRemover } from '../../waste/tasks/remove-uploads.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { scheduledCleanup } from './scheduled-cleanup.ts'

/** With the time of a turn, less than the deadline of a delivery. */
const objectsTimeoutMs = 3_000

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = readConfig(spec.variables, environment)
  const resources = createResources()
  const log = createLogger({ service: spec.name, level: config.LOG_LEVEL, revision: config.K_REVISION })
  const signatures = createEventSignatures(config.EVENT_KEYS)
  const metrics = createMetrics(spec.name)
  const open = (variable: `${string}DATABASE_URL` & keyof typeof spec.variables) =>
    resources.add(openDatabase({ url: config[variable], connectionsMax: spec.variables[variable].connectionsMax, log }))
  const eventsDatabase = open('DATABASE_URL')
  const wasteDatabase = open('WASTE_DATABASE_URL')
  const authDatabase = open('AUTH_DATABASE_URL')
  const locationsDatabase = open('LOCATIONS_DATABASE_URL')
  const redis = resources.add(openRedis({ url: config.REDIS_URL, database: redisDatabase.analysisCache, log }))
  const objects = resources.add(
    openObjectSweeper({ ...objectStoreOptions(config), requestTimeoutMs: objectsTimeoutMs }),
  )
  const publish = createPublisher({ brokerUrl: config.BROKER_URL, sign: signatures.sign })

  const deps = {
    stepsOf: {
      'cleanup.cache': [
        ...createEventsCleanup(eventsDatabase),
        createAuthCleanup(authDatabase),
        ...createProviderLinksCleanup(authDatabase),
        ...createGeocodingsCleanup(locationsDatabase),
        createBudgetCleanup(wasteDatabase),
        createBandPruner(redis),
      ],
      'cleanup.images': [
        createUploadRemover({ database: wasteDatabase, removeAll: objects.removeAll }),
        createPhotoArchiver(wasteDatabase),
        createAbandonedJobsCleanup(wasteDatabase),
      ],
    },
    runTurn: createCleanupRuns({
      database: eventsDatabase,
      outbox: createOutbox({ database: eventsDatabase, publish, log }),
    }),
    createId: () => createUuidV7(),
    now: () => new Date(),
    nowMs: () => performance.now(),
    turnMsMax: config.TURN_MS_MAX,
    log,
    metrics,
  }
  const app = createHandler({
    log,
    metrics,
    signatures,
    recordDeadLetter: createDeadLetterRecorder(eventsDatabase),
    cleanUp: (event, task, order) => scheduledCleanup(deps, event, task, order),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
