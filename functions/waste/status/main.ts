import { revocationViews } from '../../_contracts/auth-views.v1.ts'
import { redisDatabase } from '../../_contracts/redis-databases.ts'
import { apiAppParts } from '../../_lib/access/api-app-parts.ts'
import { createLocalCounter } from '../../_lib/limits/rate-limit.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { connectRedis } from '../../_lib/stores/connect-redis.redis.ts'
import { createSnapshotReader } from '../snapshot/find-snapshot.pg.ts'
import { createSnapshots } from '../snapshot/snapshots.redis.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { status } from './status.ts'
import { createStreamLimit } from './stream-limit.ts'
import { createSubscriptions } from './subscriptions.redis.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const { config, log } = fn
  const database = connectDatabase(fn)
  const redis = connectRedis(fn, redisDatabase.progress)
  const subscriptions = fn.closeLater(createSubscriptions(redis, log))
  const snapshots = createSnapshots(redis, log)
  const deps = {
    findCopy: snapshots.find,
    findSnapshot: createSnapshotReader(database),
    keepCopy: snapshots.keep,
  }

  return createHandler({
    ...apiAppParts(fn, database, revocationViews),
    // In this process alone: a count that all share would be a second question to Redis for each request.
    countUse: createLocalCounter(),
    requestsPerMinuteMax: config.REQUESTS_PER_MINUTE_MAX,
    acquireStream: createStreamLimit(config.STREAMS_PER_PERSON_MAX),
    status: (input) => status(deps, input),
    subscribe: subscriptions.subscribe,
    streamSecondsMax: config.STREAM_SECONDS_MAX,
  })
})
