import { createAccessCheck } from '../../_lib/access/access-check.ts'
import { createLocalCounter } from '../../_lib/limits/rate-limit.ts'
import type { Environment } from '../../_lib/process/config.ts'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { openDatabase } from '../../_lib/stores/database.pg.ts'
import { openRedis, redisDatabase } from '../../_lib/stores/redis.redis.ts'
import { createSnapshotReader } from '../snapshot/find-snapshot.pg.ts'
import { createSnapshots } from '../snapshot/snapshots.redis.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { status } from './status.ts'
import { createStreamPlaces } from './stream-places.ts'
import { createSubscriptions } from './subscriptions.redis.ts'

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = readConfig(spec.variables, environment)
  const resources = createResources()
  const log = createLogger({ service: spec.name, level: config.LOG_LEVEL, revision: config.K_REVISION })
  const database = resources.add(
    openDatabase({
      url: config.DATABASE_URL,
      connectionsMax: config.DATABASE_CONNECTIONS_MAX ?? spec.variables.DATABASE_URL.connectionsMax,
      log,
    }),
  )
  const redis = resources.add(openRedis({ url: config.REDIS_URL, database: redisDatabase.progress, log }))
  const subscriptions = resources.add(createSubscriptions(redis, log))
  const snapshots = createSnapshots(redis, log)
  const deps = {
    findCopy: snapshots.find,
    findSnapshot: createSnapshotReader(database),
    keepCopy: snapshots.keep,
  }

  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    webOrigins: config.WEB_ORIGINS,
    verifyAccessToken: createAccessCheck({ publicKeys: config.AUTH_PUBLIC_KEYS, database, log }),
    // In this process alone: a count that all share would be a second question to Redis for each request.
    countUse: createLocalCounter(),
    requestsPerMinuteMax: config.REQUESTS_PER_MINUTE_MAX,
    takeStreamPlace: createStreamPlaces(config.STREAMS_PER_PERSON_MAX),
    status: (input) => status(deps, input),
    subscribe: subscriptions.subscribe,
    streamSecondsMax: config.STREAM_SECONDS_MAX,
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
