import { revocationViews } from '../../_contracts/auth-views.v1.ts'
import { redisDatabase } from '../../_contracts/redis-databases.ts'
import { apiAppParts } from '../../_lib/access/api-app-parts.ts'
import { createRedisCounter } from '../../_lib/limits/rate-limit.redis.ts'
import { connectOutbox } from '../../_lib/messaging/connect-outbox.pg.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { connectRedis } from '../../_lib/stores/connect-redis.redis.ts'
import { connectObjectStore } from '../../_lib/stores/s3/connect-object-store.s3.ts'
import { createSnapshots } from '../snapshot/snapshots.redis.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { uploadComplete } from './upload-complete.ts'
import { createJobFinder, createJobQueuer } from './uploaded-job.pg.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const { config, log } = fn
  const database = connectDatabase(fn)
  const redis = connectRedis(fn, redisDatabase.progress)
  const objects = connectObjectStore(fn)
  const outbox = connectOutbox(fn, database)

  const deps = {
    findJob: createJobFinder(database),
    readStart: objects.readStart,
    variant: config.ANALYSIS_VARIANT,
    queueJob: createJobQueuer(database, outbox, config.ANALYSES_ORDERED_MAX),
    flush: outbox.flush,
    publishSnapshot: createSnapshots(redis, log).publish,
    now: () => new Date(),
  }
  return createHandler({
    ...apiAppParts(fn, database, revocationViews),
    countUse: createRedisCounter(connectRedis(fn, redisDatabase.cache)),
    requestsPerMinuteMax: config.REQUESTS_PER_MINUTE_MAX,
    publicBaseUrl: config.PUBLIC_BASE_URL,
    uploadComplete: (input) => uploadComplete(deps, input),
  })
})
