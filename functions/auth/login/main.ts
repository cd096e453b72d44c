import { randomBytes } from 'node:crypto'
import { type CryptoKey, importJWK } from 'jose'
import { accessTokenAlgorithm, signAccessToken } from '../../_lib/access/access-token.ts'
import { createSealer } from '../../_lib/access/seal-text.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { createRedisCounter } from '../../_lib/limits/rate-limit.redis.ts'
import { spendUse } from '../../_lib/limits/rate-limit.ts'
import type { Environment } from '../../_lib/process/config.ts'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { openDatabase } from '../../_lib/stores/database.pg.ts'
import { openRedis, redisDatabase } from '../../_lib/stores/redis.redis.ts'
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
  const { kid } = config.AUTH_SIGNING_KEY
  const privateKey = (await importJWK(config.AUTH_SIGNING_KEY, accessTokenAlgorithm)) as CryptoKey
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
      createId: () => createUuidV7(),
      sealer: createSealer(config.PROVIDER_TOKEN_KEYS),
      now: () => new Date(),
    }),
    signAccessToken: (person: { userId: string; sessionId: string }) =>
      signAccessToken({ kid, privateKey }, person, new Date()),
    createSecret,
  }
  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    countUse,
    loginsPerMinuteMax: config.LOGINS_PER_MINUTE_MAX,
    trustedProxies: config.TRUSTED_PROXIES,
    webOrigins: config.WEB_ORIGINS,
    createDeviceId: createSecret,
    beginLogin: (input) => beginLogin(beginDeps, input),
    login: (input) => login(loginDeps, input),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
