import { randomBytes } from 'node:crypto'
import { redisDatabase } from '../../_contracts/redis-databases.ts'
import { createTokenSigner } from '../../_lib/access/access-token.ts'
import { createSealer } from '../../_lib/access/seal-text.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { createRedisCounter } from '../../_lib/limits/rate-limit.redis.ts'
import { spendUse } from '../../_lib/limits/rate-limit.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { connectRedis } from '../../_lib/stores/connect-redis.redis.ts'
import { type Provider, providers } from '../provider.ts'
import { hashSecret } from '../refresh-token.ts'
import { beginLogin } from './begin-login.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { login } from './login.ts'
import { createAttemptConsumer, createAttemptInserter } from './login-attempts.pg.ts'
import { createSessionOpener } from './open-session.pg.ts'
import type { LoginProvider } from './provider/login-provider.ts'
import { createOidcProvider } from './provider/oidc-provider.ts'

export const start = composeFunction(import.meta, spec, async (fn) => {
  const { config, log, metrics } = fn
  const database = connectDatabase(fn)
  const redis = connectRedis(fn, redisDatabase.cache)
  const loginProviders = new Map<Provider, LoginProvider>()
  for (const provider of providers) {
    const access = config.LOGIN_PROVIDERS[provider]
    if (access) loginProviders.set(provider, createOidcProvider(provider, access))
  }
  const allowedRedirects = new Set(config.LOGIN_REDIRECT_URIS)
  const countUse = createRedisCounter(redis)
  const createSecret = () => randomBytes(32).toString('base64url')
  const findProvider = (provider: Provider) => loginProviders.get(provider)

  const beginDeps = {
    findProvider,
    isAllowedRedirect: (uri: string) => allowedRedirects.has(uri),
    insertAttempt: createAttemptInserter(database),
    createId: createUuidV7,
    createSecret,
  }
  const loginDeps = {
    findProvider,
    consumeAttempt: createAttemptConsumer(database),
    countLogin: async (provider: Provider, subject: string) => {
      const limit = config.LOGINS_OF_IDENTITY_PER_MINUTE_MAX
      const key = hashSecret(`${provider}:${subject}`).toString('base64url')
      await spendUse({ name: 'auth-login-identity', countUse, limit, windowSeconds: 60 }, key)
    },
    openSession: createSessionOpener({
      database,
      createId: createUuidV7,
      sealer: createSealer(config.PROVIDER_TOKEN_KEYS),
      now: () => new Date(),
    }),
    signAccessToken: await createTokenSigner(config.AUTH_SIGNING_KEY),
    createSecret,
  }
  return createHandler({
    log,
    metrics,
    countUse,
    loginsPerMinuteMax: config.LOGINS_PER_MINUTE_MAX,
    trustedProxies: config.TRUSTED_PROXIES,
    webOrigins: config.WEB_ORIGINS,
    createDeviceId: createSecret,
    beginLogin: (input) => beginLogin(beginDeps, input),
    login: (input) => login(loginDeps, input),
  })
})
