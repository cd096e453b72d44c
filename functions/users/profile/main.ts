import { createAccessCheck } from '../../_lib/access/access-check.ts'
import { createRedisCounter } from '../../_lib/limits/rate-limit.redis.ts'
import type { Environment } from '../../_lib/process/config.ts'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { openDatabase } from '../../_lib/stores/database.pg.ts'
import { openRedis, redisDatabase } from '../../_lib/stores/redis.redis.ts'
import { exportPerson } from './export/export-person.ts'
import { createAnalysesReader } from './export/read-analyses.pg.ts'
import { createSessionsReader } from './export/read-sessions.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { createPreferencesStore } from './preferences.pg.ts'
import { profile, replaceProfile } from './profile.ts'
import { createProfileStore } from './profiles.pg.ts'
import { readPreferences, replacePreferences } from './replace-preferences.ts'

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
  const redis = resources.add(openRedis({ url: config.REDIS_URL, database: redisDatabase.cache, log }))
  const profiles = createProfileStore(database)
  const preferences = createPreferencesStore(database)
  const exportDeps = {
    findProfile: profiles.findProfile,
    findPreferences: preferences.findPreferences,
    readSessions: createSessionsReader(database),
    readAnalyses: createAnalysesReader(database),
    now: () => new Date(),
  }

  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    webOrigins: config.WEB_ORIGINS,
    verifyAccessToken: createAccessCheck({ publicKeys: config.AUTH_PUBLIC_KEYS, database, log }),
    countUse: createRedisCounter(redis),
    requestsPerMinuteMax: config.REQUESTS_PER_MINUTE_MAX,
    exportsPerHourMax: config.EXPORTS_PER_HOUR_MAX,
    profile: (userId) => profile(profiles, userId),
    replaceProfile: (input) => replaceProfile(profiles, input),
    preferences: (userId) => readPreferences(preferences, userId),
    replacePreferences: (input) => replacePreferences(preferences, input),
    exportPerson: (userId) => exportPerson(exportDeps, userId),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
