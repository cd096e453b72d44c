import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startRedisServer } from '../../../scripts/local/servers/redis-server/start-redis-server.ts'
import { kakaoIdOf } from '../../../scripts/local/simulators/login/kakao.ts'
import { type LoginSimulator, startLoginSimulator } from '../../../scripts/local/simulators/login/login-simulator.ts'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { redisDatabase } from '../../_contracts/redis-databases.ts'
import { createTokenVerifier } from '../../_lib/access/access-token.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { openRedis } from '../../_lib/stores/redis.redis.ts'
import { expectProblem } from '../../_lib/testing/expect-problem.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { createTestKeys, type TestKeys } from '../../_lib/testing/test-keys.ts'
import { type Provider, providers } from '../provider.ts'
import { start } from './main.ts'
import { createLoginClient, type LoggedInBody } from './testing/login-client.ts'
import { testTokenKeys } from './testing/token-keys.ts'

const redirectUri = 'http://127.0.0.1/growbin/callback'
const secret = { clientId: 'growbin-test', clientSecret: 'the-secret' }

let database: TestDatabase
let redis: Awaited<ReturnType<typeof startRedisServer>>
let simulators: Record<Provider, LoginSimulator>
let keys: TestKeys
let environment: Record<string, string>
let login: FunctionInstance
let client: ReturnType<typeof createLoginClient>

beforeAll(async () => {
  const [kakao, naver, google] = await Promise.all([
    startLoginSimulator({ provider: 'kakao', ...secret }),
    startLoginSimulator({ provider: 'naver', ...secret }),
    startLoginSimulator({ provider: 'google', ...secret, google: { issuerWithoutScheme: true } }),
  ])
  simulators = { kakao, naver, google }
  ;[database, redis, keys] = await Promise.all([createTestDatabase(), startRedisServer(), createTestKeys()])
  environment = {
    LOG_LEVEL: 'fatal',
    DATABASE_URL: database.urlOf('auth'),
    REDIS_URL: redis.url,
    AUTH_SIGNING_KEY: JSON.stringify(keys.signingJwk),
    LOGIN_PROVIDERS: JSON.stringify(
      Object.fromEntries(
        providers.map((provider) => [
          provider,
          { issuer: simulators[provider].issuer, client_id: secret.clientId, client_secret: secret.clientSecret },
        ]),
      ),
    ),
    PROVIDER_TOKEN_KEYS: testTokenKeys,
    LOGIN_REDIRECT_URIS: JSON.stringify([redirectUri, 'http://127.0.0.1/growbin/other']),
    LOGINS_PER_MINUTE_MAX: '10000',
    LOGINS_OF_IDENTITY_PER_MINUTE_MAX: '10000',
  }
  login = await start(environment)
  client = createLoginClient(login.app, redirectUri)
})
afterEach(() => {
  for (const simulator of Object.values(simulators)) simulator.control.reset()
})
afterAll(async () => {
  await login?.close()
  await Promise.all([redis?.close(), database?.close(), ...Object.values(simulators ?? {}).map((one) => one.close())])
})

const bodyOf = async (response: Response): Promise<LoggedInBody> => {
  expect(response.status).toBe(200)
  return (await response.json()) as LoggedInBody
}
const expectAttemptInvalid = async (response: Response) =>
  expect(await expectProblem(response, 400)).toMatchObject({ reason: 'login_attempt_invalid' })
const expectRefused = async (response: Response) =>
  expect(await expectProblem(response, 401)).toMatchObject({ reason: 'login_refused' })

describe.each(providers)('a login with %s', (provider) => {
  it('opens an account the first time and finds it again', async () => {
    const first = await bodyOf(await client.signIn(provider, `first-${provider}`))
    const again = await bodyOf(await client.signIn(provider, `first-${provider}`))
    expect(first).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
      user: {
        user_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        // Naver's id tokens carry no name.
        display_name: provider === 'naver' ? null : `first-${provider} (simulated)`,
        is_new: true,
      },
    })
    expect(again.user).toEqual({ ...first.user, is_new: false })
  })

  it('gives an access token of this product for the account and its new session', async () => {
    const { access_token: token, user } = await bodyOf(await client.signIn(provider, 'token'))
    const person = (await createTokenVerifier({ publicKeys: keys.publicKeys })(token))?.person
    const sessions = await database.query('select user_id from auth.sessions where session_id = $1', [
      person?.sessionId,
    ])
    expect(person?.userId).toBe(user.user_id)
    expect(sessions).toEqual([{ user_id: user.user_id }])
  })

  it.each(['wrong_audience', 'wrong_issuer', 'expired', 'bad_signature', 'unknown_key'] as const)(
    'L1, L3, L4: refuses an id token with the fault %s and opens nothing',
    async (idTokenFault) => {
      simulators[provider].control.set({ idTokenFault })
      await expectRefused(await client.signIn(provider, `fault-${idTokenFault}`))
      const found = await database.query('select from auth.accounts where display_name like $1', [
        `fault-${idTokenFault}%`,
      ])
      expect(found).toEqual([])
    },
  )

  it.each(['discovery', 'token', 'jwks'] as const)(
    'L8: names the provider that is unavailable while %s is down',
    async (endpoint) => {
      const { app, close } = await start(environment)
      const fresh = createLoginClient(app, redirectUri)
      const begun = await client.begin(provider)
      const body = await client.authorize(begun, 'down')
      simulators[provider].control.set({ down: [endpoint] })
      const response = await fresh.post(provider, body, { 'accept-language': 'en' })
      await close()
      const problem = await expectProblem(response, 503)
      expect(problem.reason).toBe('provider_unavailable')
      expect(problem.detail.toLowerCase()).toContain(provider)
      expect(response.headers.get('retry-after')).toBe('5')
    },
  )

  it('refuses a code that the provider does not know', async () => {
    const body = await client.authorize(await client.begin(provider), 'unknown code')
    await expectRefused(await client.post(provider, { ...body, code: 'made-up' }))
  })
})

describe('L2: an attempt', () => {
  it('completes one login, and is refused when it is posted again', async () => {
    const body = await client.authorize(await client.begin('kakao'), 'twice')
    await bodyOf(await client.post('kakao', body))
    await expectAttemptInvalid(await client.post('kakao', body))
  })

  it('completes exactly one of 20 concurrent logins', async () => {
    const body = await client.authorize(await client.begin('kakao'), 'at once')
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.post('kakao', body)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)])
    expect(simulators.kakao.control.calls().token).toBe(1)
  })

  it('is consumed by a wrong state, so that a state cannot be guessed', async () => {
    const body = await client.authorize(await client.begin('google'), 'wrong state')
    await expectAttemptInvalid(await client.post('google', { ...body, state: `${body.state.slice(0, -1)}~` }))
    await expectAttemptInvalid(await client.post('google', body))
    expect(simulators.google.control.calls().token).toBe(0)
  })

  it.each(['', 'x', 'x'.repeat(512)])('is not completed by the state "%s", whatever its length', async (state) => {
    const body = await client.authorize(await client.begin('google'), 'other state')
    expect((await client.post('google', { ...body, state })).status).toBe(400)
    expect(simulators.google.control.calls().token).toBe(0)
  })

  it('L4: of one provider does not complete a login with another, and stays usable', async () => {
    const body = await client.authorize(await client.begin('kakao'), 'mix-up')
    await expectAttemptInvalid(await client.post('google', body))
    expect(simulators.google.control.calls().token).toBe(0)
    await bodyOf(await client.post('kakao', body))
  })

  it('ends after ten minutes by the clock of the database', async () => {
    const begun = await client.begin('kakao')
    expect(begun.expires_in).toBe(600)
    const [row] = await database.query<{ seconds: number }>(
      'select extract(epoch from expires_at - now())::float8 as seconds from auth.login_attempts where login_attempt_id = $1',
      [begun.login_attempt_id],
    )
    expect(row?.seconds).toBeGreaterThan(590)
    expect(row?.seconds).toBeLessThanOrEqual(600)
    const body = await client.authorize(begun, 'late')
    await database.query('update auth.login_attempts set expires_at = now() where login_attempt_id = $1', [
      begun.login_attempt_id,
    ])
    await expectAttemptInvalid(await client.post('kakao', body))
  })

  it('has its own secrets of 256 bits, and the verifier is never returned', async () => {
    const [one, other] = [await client.begin('kakao'), await client.begin('kakao')]
    const rows = await database.query<{ state: string; nonce: string; code_verifier: string }>(
      'select state, nonce, code_verifier from auth.login_attempts where login_attempt_id = any($1)',
      [[one.login_attempt_id, other.login_attempt_id]],
    )
    const secrets = rows.flatMap((row) => Object.values(row))
    expect(new Set(secrets).size).toBe(6)
    for (const each of secrets) expect(Buffer.from(each, 'base64url')).toHaveLength(32)
    expect(Object.keys(one).sort()).toEqual(['authorize_url', 'expires_in', 'login_attempt_id', 'nonce', 'state'])
    for (const { code_verifier: verifier } of rows) expect(JSON.stringify([one, other])).not.toContain(verifier)
  })
})

describe('L3: the nonce of an id token', () => {
  it.each([
    ['kakao', 'missing_nonce'],
    ['kakao', 'wrong_nonce'],
    ['google', 'missing_nonce'],
    ['google', 'wrong_nonce'],
  ] as const)('is required of %s: %s', async (provider, idTokenFault) => {
    simulators[provider].control.set({ idTokenFault })
    await expectRefused(await client.signIn(provider, 'nonce'))
  })
})

describe('L5: the redirect URI', () => {
  it.each([
    `${redirectUri}/`,
    `${redirectUri}?a=b`,
    redirectUri.toUpperCase(),
    'http://127.0.0.1/growbin',
    'https://evil.example/callback',
  ])('%s is not an allowed one', async (uri) => {
    const problem = await expectProblem(await client.post('kakao/begin', { redirect_uri: uri }), 400)
    expect(problem).toMatchObject({ reason: 'redirect_uri_not_allowed', errors: [{ pointer: '/redirect_uri' }] })
  })

  it('must be the same at the second step, even if the other is allowed', async () => {
    const body = await client.authorize(await client.begin('kakao'), 'redirect')
    await expectAttemptInvalid(await client.post('kakao', { ...body, redirect_uri: 'http://127.0.0.1/growbin/other' }))
    expect(simulators.kakao.control.calls().token).toBe(0)
  })
})

describe('L6: the key of an identity', () => {
  it('opens one account for 20 concurrent first logins of one person', async () => {
    const bodies = await Promise.all(
      Array.from({ length: 20 }, async () => client.authorize(await client.begin('kakao'), 'everywhere')),
    )
    const answers = await Promise.all(bodies.map(async (body) => bodyOf(await client.post('kakao', body))))
    expect(new Set(answers.map(({ user }) => user.user_id)).size).toBe(1)
    expect(answers.filter(({ user }) => user.is_new)).toHaveLength(1)
    const accounts = await database.query('select 1 from auth.accounts where display_name = $1', [
      'everywhere (simulated)',
    ])
    expect(accounts).toHaveLength(1)
    expect(new Set(answers.map((answer) => answer.refresh_token)).size).toBe(20)
  })

  it('is provider and subject, never the e-mail address', async () => {
    const kakao = await bodyOf(await client.signIn('kakao', 'same@example.com'))
    const google = await bodyOf(await client.signIn('google', 'same@example.com'))
    expect(google.user).toMatchObject({ is_new: true })
    expect(google.user.user_id).not.toBe(kakao.user.user_id)
  })

  it('L7: stores a Kakao id beyond 2^53 with every digit', async () => {
    const id = kakaoIdOf('precise')
    expect(Number.isSafeInteger(Number(id))).toBe(false)
    const { user } = await bodyOf(await client.signIn('kakao', 'precise'))
    const rows = await database.query('select subject from auth.identities where user_id = $1', [user.user_id])
    expect(rows).toEqual([{ subject: id }])
  })
})

describe('a refresh token', () => {
  it('has 256 bits, and only its SHA-256 is stored', async () => {
    const { refresh_token: token } = await bodyOf(await client.signIn('kakao', 'refresh'))
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    const hash = createHash('sha256').update(token).digest()
    const rows = await database.query<{ days: number }>(
      `select extract(epoch from t.expires_at - now()) / 86400 as days, t.spent_at,
         extract(epoch from s.ends_at - now()) / 86400 as session_days
       from auth.refresh_tokens t join auth.sessions s using (session_id) where token_hash = $1`,
      [hash],
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ spent_at: null })
    expect(Number(rows[0]?.days)).toBeCloseTo(14, 1)
    expect(Number((rows[0] as { session_days?: number }).session_days)).toBeCloseTo(60, 1)
  })
})

it('L10: a known and an unknown person get the same response except for its values', async () => {
  const shape = (body: LoggedInBody) => ({ keys: Object.keys(body), user: Object.keys(body.user) })
  const unknown = await client.signIn('kakao', 'shape')
  const known = await client.signIn('kakao', 'shape')
  expect(known.status).toBe(unknown.status)
  expect(shape(await bodyOf(known))).toEqual(shape(await bodyOf(unknown)))
})

it('L11: every login opens a session of its own', async () => {
  const logins = [await bodyOf(await client.signIn('naver', 'L11')), await bodyOf(await client.signIn('naver', 'L11'))]
  const verify = createTokenVerifier({ publicKeys: keys.publicKeys })
  const people = await Promise.all(logins.map(async (one) => (await verify(one.access_token))?.person))
  expect(people[0]?.userId).toBe(people[1]?.userId)
  expect(people[0]?.sessionId).not.toBe(people[1]?.sessionId)
})

it('L8: a login that an outage interrupted succeeds with a new attempt', async () => {
  const body = await client.authorize(await client.begin('kakao'), 'outage')
  simulators.kakao.control.set({ down: ['token'] })
  expect((await client.post('kakao', body)).status).toBe(503)
  simulators.kakao.control.reset()
  await expectAttemptInvalid(await client.post('kakao', body))
  await bodyOf(await client.signIn('kakao', 'outage'))
})

it('offers no provider that is not configured', async () => {
  const { kakao } = JSON.parse(environment.LOGIN_PROVIDERS ?? '') as Record<Provider, unknown>
  const { app, close } = await start({ ...environment, LOGIN_PROVIDERS: JSON.stringify({ kakao }) })
  const response = await createLoginClient(app, redirectUri).post('naver/begin', { redirect_uri: redirectUri })
  await close()
  expect((await expectProblem(response, 404)).reason).toBe('provider_not_configured')
})

/** The app behind one of our proxies, which appends the address of the client. */
const behindProxy = (app: HttpApp) => ({
  request: (path: string, init: RequestInit) =>
    app.request(path, init, { incoming: { socket: { remoteAddress: '::ffff:192.168.4.4' } } }),
})

describe('limits', () => {
  it('Q2 counts the logins of one address, and trusts only our own proxies', async () => {
    const { app, close } = await start({ ...environment, LOGINS_PER_MINUTE_MAX: '3' })
    const limited = createLoginClient(behindProxy(app), redirectUri)
    const from = async (forwarded: string) =>
      (await limited.post('kakao/begin', { redirect_uri: redirectUri }, { 'x-forwarded-for': forwarded })).status
    // The activator is in the path only sometimes, and a client may send any addresses before its own.
    const paths = ['198.51.100.7, 10.0.1.7', '1.1.1.1, 198.51.100.7', '10.0.0.1, 198.51.100.7, 10.0.1.7, 192.168.9.9']
    expect(await Promise.all(paths.map(from))).toEqual([201, 201, 201])
    expect(await from('2.2.2.2, 198.51.100.7, 10.0.1.7')).toBe(429)
    expect(await from('198.51.100.8, 10.0.1.7')).toBe(201)
    const refusal = await limited.post('kakao/begin', {}, { 'x-forwarded-for': '198.51.100.7' })
    await close()
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    await expectProblem(refusal, 429)
  })

  it('lets 100 people behind one address of a carrier begin a login within a minute', async () => {
    const { LOGINS_PER_MINUTE_MAX: _, ...asDeployed } = environment
    const { app, close } = await start(asDeployed)
    const carrier = createLoginClient(behindProxy(app), redirectUri)
    const statuses = new Set<number>()
    for (let people = 0; people < 100; people += 1) {
      const forwarded = { 'x-forwarded-for': '211.234.0.1, 10.0.1.7' }
      statuses.add((await carrier.post('google/begin', { redirect_uri: redirectUri }, forwarded)).status)
    }
    await close()
    expect([...statuses]).toEqual([201])
  })

  it('Q1 counts the logins of one identity from any address, and opens no session beyond the limit', async () => {
    const { app, close } = await start({ ...environment, LOGINS_OF_IDENTITY_PER_MINUTE_MAX: '2' })
    const limited = createLoginClient(app, redirectUri)
    const first = await bodyOf(await limited.signIn('kakao', 'often'))
    await bodyOf(await limited.signIn('kakao', 'often'))
    await expectProblem(await limited.signIn('kakao', 'often'), 429)
    // The same name at another provider is another identity.
    await bodyOf(await limited.signIn('naver', 'often'))
    await close()
    const sessions = await database.query('select from auth.sessions where user_id = $1', [first.user.user_id])
    expect(sessions).toHaveLength(2)
  })

  it('stores no subject of a provider in Redis', async () => {
    await bodyOf(await client.signIn('kakao', 'counted in secret'))
    const connection = openRedis({ url: redis.url, database: redisDatabase.cache, log: silentLog })
    const keysOfLimits = await connection.use((one) => one.keys('limit:auth-login-identity:*'))
    await connection.close()
    expect(keysOfLimits.length).toBeGreaterThan(0)
    for (const key of keysOfLimits) expect(key).toMatch(/^limit:auth-login-identity:[\w-]{43}$/)
    expect(keysOfLimits.join(' ')).not.toContain(kakaoIdOf('counted in secret'))
  })
})
