import { revocationViews } from '../../_contracts/auth-views.v1.ts'
import { redisDatabase } from '../../_contracts/redis-databases.ts'
import { apiAppParts } from '../../_lib/access/api-app-parts.ts'
import { createRedisCounter } from '../../_lib/limits/rate-limit.redis.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { connectRedis } from '../../_lib/stores/connect-redis.redis.ts'
import { createAnalysesFinder } from './find-analyses.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { history } from './history.ts'
import { createCountsReader } from './statistics/read-counts.pg.ts'
import { stats } from './statistics/stats.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const database = connectDatabase(fn)
  const historyDeps = { findAnalyses: createAnalysesFinder(database) }
  const statsDeps = { readCounts: createCountsReader(database), now: () => new Date() }

  return createHandler({
    ...apiAppParts(fn, database, revocationViews),
    countUse: createRedisCounter(connectRedis(fn, redisDatabase.cache)),
    requestsPerMinuteMax: fn.config.REQUESTS_PER_MINUTE_MAX,
    history: (input) => history(historyDeps, input),
    stats: (userId) => stats(statsDeps, userId),
  })
})
