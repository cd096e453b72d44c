import type { JWTPayload } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startRedisServer } from '../../../../scripts/local/servers/redis-server/start-redis-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../../scripts/local/testing/test-database.ts'
import { createResources } from '../../../_lib/process/resources.ts'
import type { FunctionInstance } from '../../../_lib/process/serve.ts'
import { expectProblem } from '../../../_lib/testing/expect-problem.ts'
import { createTestKeys } from '../../../_lib/testing/test-keys.ts'
import type { Provider } from '../../provider.ts'
import { start } from '../main.ts'
import { createKey, type FakeProvider, startFakeProvider } from '../testing/fake-provider.ts'
import { type Begun, createLoginClient, type LoggedInBody } from '../testing/login-client.ts'
import { testTokenKeys } from '../testing/token-keys.ts'

const redirectUri = 'http://127.0.0.1/growbin/callback'
const restKey = 'rest-api-key'
const nativeKey = 'native-app-key'
const idTokenProviders = ['kakao', 'google'] as const

const resources = createResources()
let database: TestDatabase
let fakeProvider: FakeProvider
let login: FunctionInstance
let client: ReturnType<typeof createLoginClient>

beforeAll(async () => {
  database = resources.add(await createTestDatabase())
  const redis = resources.add(await startRedisServer())
  fakeProvider = resources.add(await startFakeProvider())
  const access = {
    issuer: fakeProvider.issuer,
    client_id: restKey,
    client_secret: 'the-secret',
    client_ids: [nativeKey],
  }
  login = resources.add(
    await start({
      LOG_LEVEL: 'fatal',
      DATABASE_URL: database.urlOf('auth'),
      DATABASE_CONNECTIONS_MAX: '10',
      REDIS_URL: redis.url,
      AUTH_SIGNING_KEY: JSON.stringify((await createTestKeys()).signingJwk),
      LOGIN_PROVIDERS: JSON.stringify({ kakao: access, google: access, naver: access }),
      PROVIDER_TOKEN_KEYS: testTokenKeys,
      LOGIN_REDIRECT_URIS: JSON.stringify([redirectUri]),
      LOGINS_PER_MINUTE_MAX: '10000',
      LOGINS_OF_IDENTITY_PER_MINUTE_MAX: '10000',
    }),
  )
  client = createLoginClient(login.app, redirectUri)
})
afterAll(resources.close)

let begun: Begun
beforeEach(async () => {
  begun = await client.begin('kakao')
})

const nowSeconds = () => Math.floor(Date.now() / 1000)

/** The claims of an id token that the SDK of the provider gives to the app. */
const claims = (changes: JWTPayload = {}): JWTPayload => ({
  iss: fakeProvider.issuer,
  aud: nativeKey,
  sub: '1376016924429759243',
  iat: nowSeconds(),
  exp: nowSeconds() + 3_600,
  nonce: begun.nonce,
  ...changes,
})

const send = async (changes: JWTPayload = {}, provider: Provider = 'kakao', extra: object = {}) =>
  client.post(provider, {
    kind: 'id_token',
    login_attempt_id: begun.login_attempt_id,
    id_token: await fakeProvider.sign(claims(changes)),
    ...extra,
  })

const expectRefused = async (response: Response) =>
  expect(await expectProblem(response, 401)).toMatchObject({ reason: 'login_refused' })
const expectAttemptInvalid = async (response: Response) =>
  expect(await expectProblem(response, 400)).toMatchObject({ reason: 'login_attempt_invalid' })

describe.each(idTokenProviders)('a login with an id token of %s', (provider) => {
  beforeEach(async () => {
    begun = await client.begin(provider)
  })

  it.each([restKey, nativeKey])('L1 opens a session for the audience %s, of the allow-list', async (aud) => {
    const response = await send({ aud, azp: nativeKey }, provider, { device_id: 'a-device-of-the-test' })
    expect(response.status).toBe(200)
    const body = (await response.json()) as LoggedInBody
    expect(body).toMatchObject({
      access_token: expect.any(String),
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
    })
    const rows = await database.query<{ subject: string }>('select subject from auth.identities where user_id = $1', [
      body.user.user_id,
    ])
    expect(rows).toEqual([{ subject: '1376016924429759243' }])
  })

  it.each<[string, JWTPayload]>([
    ['L1: the audience is another app', { aud: 'another-app' }],
    ['L1: the audience is another app beside ours', { aud: [nativeKey, 'another-app'] }],
    ['L1: the authorized party is another app', { azp: 'another-app' }],
    ['L3: the nonce is missing', { nonce: undefined }],
    ['L3: the nonce is of another attempt', { nonce: 'another-nonce' }],
    ['L3: it is more than ten minutes old', { iat: nowSeconds() - 700 }],
    ['L3: it does not say how old it is', { iat: undefined } as unknown as JWTPayload],
    ['L4: the issuer is another provider', { iss: 'https://issuer.invalid' }],
    ['L7: the subject is a number', { sub: 1376016924429759 as unknown as string }],
    ['it has expired', { exp: nowSeconds() - 60 }],
  ])('is refused when %s, and its attempt is consumed', async (_, changes) => {
    await expectRefused(await send(changes, provider))
    await expectAttemptInvalid(await send({}, provider))
  })
})

it('L3: an attempt completes exactly one of 20 concurrent logins', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => send()))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)])
})

it('L3: an id token does not work a second time with a new attempt', async () => {
  const idToken = await fakeProvider.sign(claims())
  const post = (attemptId: string) =>
    client.post('kakao', { kind: 'id_token', login_attempt_id: attemptId, id_token: idToken })
  expect((await post(begun.login_attempt_id)).status).toBe(200)
  await expectRefused(await post((await client.begin('kakao')).login_attempt_id))
})

it('L4: an attempt of one provider does not complete a login with another', async () => {
  await expectAttemptInvalid(await send({}, 'google'))
  expect((await send()).status).toBe(200)
})

it('refuses a token signed with another key under the id of the published one', async () => {
  const idToken = await fakeProvider.sign(claims(), await createKey('key-1'))
  await expectRefused(
    await client.post('kakao', { kind: 'id_token', login_attempt_id: begun.login_attempt_id, id_token: idToken }),
  )
})

describe('Naver', () => {
  it('L3: accepts no id token, since no nonce binds one to the attempt, and returns no nonce', async () => {
    begun = await client.begin('naver')
    expect(begun).not.toHaveProperty('nonce')
    const problem = await expectProblem(await send({}, 'naver'), 400)
    expect(problem).toMatchObject({ reason: 'login_kind_not_offered', errors: [{ pointer: '/kind' }] })
    const rows = await database.query('select consumed_at from auth.login_attempts where login_attempt_id = $1', [
      begun.login_attempt_id,
    ])
    expect(rows).toEqual([{ consumed_at: null }])
  })
})

it.each(['access_token', 'refresh_token', '', undefined])(
  'L1: the kind %j is not offered by any provider',
  async (kind) => {
    const problem = await expectProblem(await send({}, 'kakao', { kind, access_token: 'theirs' }), 400)
    expect(problem.errors?.map(({ pointer }) => pointer)).toContain('/kind')
  },
)

it('Z5: fields of the other kind are refused', async () => {
  const problem = await expectProblem(await send({}, 'kakao', { code: 'x', state: 'y' }), 400)
  expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/code', '/state'])
})

it('L1: a code is accepted only with an id token for the client that exchanged it', async () => {
  fakeProvider.issue(await fakeProvider.sign(claims()))
  await expectRefused(
    await client.post('kakao', {
      kind: 'authorization_code',
      login_attempt_id: begun.login_attempt_id,
      code: 'the-code',
      state: begun.state,
      redirect_uri: redirectUri,
    }),
  )
})
