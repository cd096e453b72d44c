import type { JSONWebKeySet } from 'jose'
import { revocationViews } from '../../_contracts/auth-views.v1.ts'
import { redisDatabase } from '../../_contracts/redis-databases.ts'
import { createAccessCheck } from '../../_lib/access/access-check.ts'
import { createTokenSigner } from '../../_lib/access/access-token.ts'
import { createRevocationReader } from '../../_lib/access/revocations.pg.ts'
import { createRedisCounter } from '../../_lib/limits/rate-limit.redis.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { connectRedis } from '../../_lib/stores/connect-redis.redis.ts'
import { findPublicKeys } from './find-public-keys.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { logout } from './logout.ts'
import { me } from './me.ts'
import { refresh } from './refresh.ts'
import { createTokenSessionEnder } from './store/end-session-of-token.pg.ts'
import { createSessionCopies } from './store/session-copies.redis.ts'
import { createSessionRecords } from './store/session-record.pg.ts'
import { createTokenSpender } from './store/spend-token.pg.ts'

export const start = composeFunction(import.meta, spec, async (fn) => {
  const { config, log, metrics } = fn
  const database = connectDatabase(fn)
  const sessionRedis = connectRedis(fn, redisDatabase.sessions)
  const publicKeys: JSONWebKeySet = config.AUTH_PUBLIC_KEYS
  const readRevocations = createRevocationReader({ database, views: revocationViews, log })
  const records = createSessionRecords(database)
  const copies = createSessionCopies(sessionRedis)

  const refreshDeps = {
    spendToken: createTokenSpender(database),
    refreshesPerHourMax: config.REFRESHES_OF_SESSION_PER_HOUR_MAX,
    signAccessToken: await createTokenSigner(config.AUTH_SIGNING_KEY),
    refreshTokenKey: config.REFRESH_TOKEN_KEY,
    log,
  }
  const logoutDeps = {
    endSessionOfToken: createTokenSessionEnder(database),
    endSession: records.end,
    forgetCopy: copies.forget,
    log,
  }
  return createHandler({
    log,
    metrics,
    verifyAccessToken: createAccessCheck({ publicKeys, readRevocations }),
    countUse: createRedisCounter(connectRedis(fn, redisDatabase.cache)),
    refreshesPerMinuteMax: config.REFRESHES_PER_MINUTE_MAX,
    logoutsPerMinuteMax: config.LOGOUTS_PER_MINUTE_MAX,
    trustedProxies: config.TRUSTED_PROXIES,
    webOrigins: config.WEB_ORIGINS,
    findPublicKeys: () => findPublicKeys({ publicKeys, readRevocations }),
    refresh: (input) => refresh(refreshDeps, input),
    logout: (input) => logout(logoutDeps, input),
    me: (person) => me({ findCopy: copies.find, findSession: records.find, keepCopy: copies.keep }, person),
    listSessions: records.list,
    endSession: async (sessionId, userId) => {
      const ended = await records.end(sessionId, userId, 'revoked')
      if (!ended) return false
      await copies.forget(sessionId)
      log.info('A person ended a session of theirs', { session_id: sessionId })
      return true
    },
  })
})
