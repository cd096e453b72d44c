import { createAccessCheck } from '../../_lib/access/access-check.ts'
import { createEventSignatures } from '../../_lib/events/event-signature.ts'
import { createRedisCounter } from '../../_lib/limits/rate-limit.redis.ts'
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
import { openObjectStore } from '../../_lib/stores/object-store.s3.ts'
import { openRedis, redisDatabase } from '../../_lib/stores/redis.redis.ts'
import { createSnapshots } from '../snapshot/snapshots.redis.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { uploadComplete } from './upload-complete.ts'
import { createJobFinder, createJobQueuer } from './uploaded-job.pg.ts'

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = readConfig(spec.variables, environment)
  const resources = createResources()
  const log = createLogger({ service: spec.name, level: config.LOG_LEVEL, revision: config.K_REVISION })
  const signatures = createEventSignatures(config.EVENT_KEYS)
  const database = resources.add(
    openDatabase({
      url: config.DATABASE_URL,
      connectionsMax: config.DATABASE_CONNECTIONS_MAX ?? spec.variables.DATABASE_URL.connectionsMax,
      log,
    }),
  )
  const redis = resources.add(openRedis({ url: config.REDIS_URL, database: redisDatabase.progress, log }))
  const limitRedis = resources.add(openRedis({ url: config.REDIS_URL, database: redisDatabase.cache, log }))
  const objects = resources.add(openObjectStore(objectStoreOptions(config)))
  const outbox = createOutbox({
    database,
    publish: createPublisher({ brokerUrl: config.BROKER_URL, sign: signatures.sign }),
    log,
  })

  const deps = {
    findJob: createJobFinder(database),
    readStart: objects.readStart,
    variant: config.ANALYSIS_VARIANT,
    queueJob: createJobQueuer(database, outbox, config.ANALYSES_ORDERED_MAX),
    flush: outbox.flush,
    publishSnapshot: createSnapshots(redis, log).publish,
    now: () => new Date(),
  }
  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    webOrigins: config.WEB_ORIGINS,
    verifyAccessToken: createAccessCheck({ publicKeys: config.AUTH_PUBLIC_KEYS, database, log }),
    countUse: createRedisCounter(limitRedis),
    requestsPerMinuteMax: config.REQUESTS_PER_MINUTE_MAX,
    publicBaseUrl: config.PUBLIC_BASE_URL,
    uploadComplete: (input) => uploadComplete(deps, input),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
