import { revocationViews } from '../../_contracts/auth-views.v1.ts'
import { redisDatabase } from '../../_contracts/redis-databases.ts'
import { apiAppParts } from '../../_lib/access/api-app-parts.ts'
import { createRedisCounter } from '../../_lib/limits/rate-limit.redis.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { connectRedis } from '../../_lib/stores/connect-redis.redis.ts'
import { exportPerson } from './export/export-person.ts'
import { createAnalysesReader } from './export/read-analyses.pg.ts'
import { createSessionsReader } from './export/read-sessions.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { createPreferencesStore } from './preferences.pg.ts'
import { profile, replaceProfile } from './profile.ts'
import { createProfileStore } from './profiles.pg.ts'
import { readPreferences, replacePreferences } from './replace-preferences.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const { config } = fn
  const database = connectDatabase(fn)
  const profiles = createProfileStore(database)
  const preferences = createPreferencesStore(database)
  const exportDeps = {
    findProfile: profiles.findProfile,
    findPreferences: preferences.findPreferences,
    readSessions: createSessionsReader(database),
    readAnalyses: createAnalysesReader(database),
    now: () => new Date(),
  }

  return createHandler({
    ...apiAppParts(fn, database, revocationViews),
    countUse: createRedisCounter(connectRedis(fn, redisDatabase.cache)),
    requestsPerMinuteMax: config.REQUESTS_PER_MINUTE_MAX,
    exportsPerHourMax: config.EXPORTS_PER_HOUR_MAX,
    profile: (userId) => profile(profiles, userId),
    replaceProfile: (input) => replaceProfile(profiles, input),
    preferences: (userId) => readPreferences(preferences, userId),
    replacePreferences: (input) => replacePreferences(preferences, input),
    exportPerson: (userId) => exportPerson(exportDeps, userId),
  })
})
