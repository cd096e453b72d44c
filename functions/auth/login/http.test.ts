import { afterAll } from 'vitest'
import { startRedisServer } from '../../../scripts/local/servers/redis-server/start-redis-server.ts'
import { startLoginSimulator } from '../../../scripts/local/simulators/login/login-simulator.ts'
import { createTestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { describeHttpFunction } from '../../_lib/testing/http-suite.ts'
import { createTestKeys } from '../../_lib/testing/test-keys.ts'
import { start } from './main.ts'
import { createLoginClient } from './testing/login-client.ts'
import { testTokenKeys } from './testing/token-keys.ts'

const redirectUri = 'http://127.0.0.1/growbin/callback'
const clientId = 'growbin-test'
const clientSecret = 'the-secret'
const resources = createResources()
afterAll(resources.close)

let arranging: ReturnType<typeof createLoginClient>

const environment = async (): Promise<Record<string, string>> => {
  const database = resources.add(await createTestDatabase())
  const redis = resources.add(await startRedisServer())
  const { issuer } = resources.add(await startLoginSimulator({ provider: 'kakao', clientId, clientSecret }))
  const made = {
    DATABASE_URL: database.urlOf('auth'),
    REDIS_URL: redis.url,
    LOGIN_PROVIDERS: JSON.stringify({ kakao: { issuer, client_id: clientId, client_secret: clientSecret } }),
    PROVIDER_TOKEN_KEYS: testTokenKeys,
    LOGIN_REDIRECT_URIS: JSON.stringify([redirectUri]),
    LOGINS_PER_MINUTE_MAX: '10000',
    LOGINS_OF_IDENTITY_PER_MINUTE_MAX: '10000',
  }
  const signingKey = JSON.stringify((await createTestKeys()).signingJwk)
  const { app } = resources.add(await start({ ...made, LOG_LEVEL: 'fatal', AUTH_SIGNING_KEY: signingKey }))
  arranging = createLoginClient(app, redirectUri)
  return made
}

describeHttpFunction({
  name: 'auth-login',
  start,
  environment,
  requests: [
    {
      method: 'POST',
      path: '/api/v1/auth/login/:provider/begin',
      public: true,
      body: { redirect_uri: redirectUri },
      arrange: async () => ({ parameters: { provider: 'kakao' } }),
      status: 201,
    },
    {
      method: 'POST',
      path: '/api/v1/auth/login/:provider',
      public: true,
      body: { kind: 'authorization_code' },
      arrange: async () => ({
        parameters: { provider: 'kakao' },
        body: await arranging.authorize(await arranging.begin('kakao'), 'suite'),
      }),
      status: 200,
    },
  ],
})
