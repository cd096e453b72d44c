import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRedisServer } from '../../../scripts/local/servers/redis-server/start-redis-server.ts'
import { kakaoIdOf } from '../../../scripts/local/simulators/login/kakao.ts'
import { type LoginSimulator, startLoginSimulator } from '../../../scripts/local/simulators/login/login-simulator.ts'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { createResources } from '../../_lib/process/resources.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { expectProblem } from '../../_lib/testing/expect-problem.ts'
import { createTestKeys } from '../../_lib/testing/test-keys.ts'
import { hashSecret } from '../refresh-token.ts'
import { start } from './main.ts'
import { createLoginClient, type LoggedInBody } from './testing/login-client.ts'
import { testTokenKeys } from './testing/token-keys.ts'

const redirectUri = 'http://127.0.0.1/growbin/callback'
const secret = { clientId: 'growbin-test', clientSecret: 'the-secret' }
const origin = 'https://web.growbin.test'
const page = { origin, 'x-growbin-client': 'web' }

const resources = createResources()
let database: TestDatabase
let kakao: LoginSimulator
let login: FunctionInstance
let client: ReturnType<typeof createLoginClient>

beforeAll(async () => {
  database = resources.add(await createTestDatabase())
  const redis = resources.add(await startRedisServer())
  kakao = resources.add(await startLoginSimulator({ provider: 'kakao', ...secret }))
  login = resources.add(
    await start({
      LOG_LEVEL: 'fatal',
      DATABASE_URL: database.urlOf('auth'),
      DATABASE_CONNECTIONS_MAX: '10',
      REDIS_URL: redis.url,
      AUTH_SIGNING_KEY: JSON.stringify((await createTestKeys()).signingJwk),
      LOGIN_PROVIDERS: JSON.stringify({
        kakao: { issuer: kakao.issuer, client_id: secret.clientId, client_secret: secret.clientSecret },
      }),
      PROVIDER_TOKEN_KEYS: testTokenKeys,
      LOGIN_REDIRECT_URIS: JSON.stringify([redirectUri]),
      LOGINS_PER_MINUTE_MAX: '10000',
      LOGINS_OF_IDENTITY_PER_MINUTE_MAX: '10000',
      WEB_ORIGINS: JSON.stringify([origin]),
    }),
  )
  client = createLoginClient(login.app, redirectUri)
})
afterAll(resources.close)

type SessionRow = {
  session_id: string
  end_reason: string | null
  client: string
  provider: string
  device_hash: Buffer | null
  is_ordered: boolean
}

/** The sessions of the person, oldest first. */
const sessionsOf = (userId: string) =>
  database.query<SessionRow>(
    `select session_id, end_reason, client, provider, device_hash,
       ended_at is null or ended_at >= created_at as is_ordered
     from auth.sessions where user_id = $1 order by created_at, session_id`,
    [userId],
  )

const signIn = async (name: string, changes: object = {}): Promise<LoggedInBody> => {
  const response = await client.signIn('kakao', name, changes)
  expect(response.status).toBe(200)
  return (await response.json()) as LoggedInBody
}

const reasonsOf = async (userId: string) => (await sessionsOf(userId)).map((row) => row.end_reason)

describe('L11: a login on a device', () => {
  const [phone, tablet] = ['the-phone-of-the-test', 'the-tablet-of-the-test']

  it('L11 ends the earlier sessions of the person on it, and no other', async () => {
    const { user } = await signIn('L11 same device', { device_id: phone })
    await signIn('L11 same device', { device_id: tablet })
    await signIn('L11 same device')
    await signIn('L11 same device', { device_id: phone })
    expect(await reasonsOf(user.user_id)).toEqual(['replaced', null, null, null])
  })

  it('L11 leaves the session of another person on the same device', async () => {
    const { user } = await signIn('L11 one of two', { device_id: phone })
    await signIn('L11 other of two', { device_id: phone })
    expect(await reasonsOf(user.user_id)).toEqual([null])
  })

  it('L11 leaves one live session after 20 concurrent logins on it', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => signIn('L11 at once', { device_id: phone })))
    const rows = await sessionsOf(answers[0]?.user.user_id ?? '')
    expect(rows.map((row) => row.end_reason)).toEqual([...Array(19).fill('replaced'), null])
    expect(rows.every((row) => row.is_ordered)).toBe(true)
  })

  it('is stored as a hash, with provider and kind of client', async () => {
    const { user } = await signIn('L11 kept', { device_id: phone })
    expect(await sessionsOf(user.user_id)).toEqual([
      {
        session_id: expect.any(String),
        end_reason: null,
        client: 'app',
        provider: 'kakao',
        device_hash: hashSecret(phone),
        is_ordered: true,
      },
    ])
  })

  it.each(['short', 'x'.repeat(129), 'with blanks in the name'])('cannot have the id "%s"', async (deviceId) => {
    const problem = await expectProblem(await client.signIn('kakao', 'bad device', { device_id: deviceId }), 400)
    expect(problem.errors).toEqual([{ pointer: '/device_id', detail: 'expected 16 to 128 URL-safe characters' }])
  })
})

describe('R7: the live sessions of a person', () => {
  it('R7 are ten at most: the eleventh login ends the oldest', async () => {
    const first = await signIn('R7 in turn')
    for (let count = 1; count < 12; count += 1) await signIn('R7 in turn')
    expect(await reasonsOf(first.user.user_id)).toEqual(['evicted', 'evicted', ...Array(10).fill(null)])
  })

  it('R7 are ten after 20 concurrent logins, and the last of them is live', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => signIn('R7 at once')))
    const rows = await sessionsOf(answers[0]?.user.user_id ?? '')
    expect(rows.map((row) => row.end_reason)).toEqual([...Array(10).fill('evicted'), ...Array(10).fill(null)])
    expect(rows.every((row) => row.is_ordered)).toBe(true)
  })

  it('R7 are ten after 20 concurrent logins by two identities of one person', async () => {
    const { user } = await signIn('R7 linked')
    await database.query(`insert into auth.identities (provider, subject, user_id) values ('kakao', $1, $2)`, [
      kakaoIdOf('R7 linked too'),
      user.user_id,
    ])
    await Promise.all(Array.from({ length: 20 }, (_, index) => signIn(index % 2 ? 'R7 linked' : 'R7 linked too')))
    const rows = await sessionsOf(user.user_id)
    expect(rows.map((row) => row.end_reason)).toEqual([...Array(11).fill('evicted'), ...Array(10).fill(null)])
  })

  it('R7 do not include ended and expired ones', async () => {
    const { user } = await signIn('R7 over')
    for (let count = 1; count < 10; count += 1) await signIn('R7 over')
    const rows = await sessionsOf(user.user_id)
    await database.query(`update auth.sessions set ends_at = now() where session_id = $1`, [rows[4]?.session_id])
    await database.query(`update auth.sessions set ended_at = now(), end_reason = 'logout' where session_id = $1`, [
      rows[5]?.session_id,
    ])
    await signIn('R7 over')
    await signIn('R7 over')
    expect(new Set(await reasonsOf(user.user_id))).toEqual(new Set([null, 'logout']))
  })
})

describe('a web client', () => {
  const signInOnPage = async (headers: Record<string, string>, changes: object = {}) => {
    const body = await client.authorize(await client.begin('kakao'), 'web')
    return client.post('kakao', { ...body, client: 'web', ...changes }, headers)
  }

  it('C1, C6: gets its refresh token only in a cookie that no script can read, and its access token in no cookie', async () => {
    const response = await signInOnPage(page)
    expect(response.status).toBe(200)
    const body = (await response.json()) as LoggedInBody
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
      user: expect.any(Object),
    })
    const cookies = response.headers.getSetCookie()
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual(['__Host-growbin-rt', '__Host-growbin-device'])
    for (const cookie of cookies) {
      for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(attribute)
      expect(cookie).not.toContain('Domain')
      expect(cookie).not.toContain(body.access_token)
    }
    const token = /^__Host-growbin-rt=([\w-]{43});/.exec(cookies[0] ?? '')?.[1] ?? ''
    const stored = await database.query('select from auth.refresh_tokens where token_hash = $1', [hashSecret(token)])
    expect(stored).toHaveLength(1)
    expect((await sessionsOf(body.user.user_id)).at(-1)).toMatchObject({ client: 'web', end_reason: null })
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
  })

  it('L11 keeps the device of its cookie, and replaces the session on it', async () => {
    const first = await signInOnPage(page)
    const { user } = (await first.json()) as LoggedInBody
    const device = /__Host-growbin-device=([\w-]+)/.exec(first.headers.getSetCookie().join())?.[1] ?? ''
    const again = await signInOnPage({ ...page, cookie: `__Host-growbin-device=${device}` })
    expect(again.headers.getSetCookie().join()).toContain(`__Host-growbin-device=${device};`)
    const rows = await sessionsOf(user.user_id)
    expect(rows.slice(-2).map((row) => row.end_reason)).toEqual(['replaced', null])
    expect(rows.at(-1)?.device_hash).toEqual(hashSecret(device))
  })

  it('gets a new device for a cookie that this service did not set', async () => {
    const response = await signInOnPage({ ...page, cookie: '__Host-growbin-device=x' })
    expect(response.headers.getSetCookie().join()).toMatch(/__Host-growbin-device=[\w-]{43};/)
  })

  it.each([
    ['another origin', { ...page, origin: 'https://evil.test' }],
    ['no origin', { 'x-growbin-client': 'web' }],
    ['no own header', { origin }],
  ])('C2 is refused with %s before its attempt is consumed', async (_what, headers) => {
    const body = { ...(await client.authorize(await client.begin('kakao'), 'cross site')), client: 'web' }
    const refusal = await client.post('kakao', body, headers as Record<string, string>)
    expect((await expectProblem(refusal, 403)).reason).toBe('cross_site_request')
    expect(refusal.headers.getSetCookie()).toEqual([])
    expect((await client.post('kakao', body, page)).status).toBe(200)
  })

  it('may not send its device in the body, where a script could read it', async () => {
    const problem = await expectProblem(await signInOnPage(page, { device_id: 'a-device-of-the-test' }), 400)
    expect(problem.errors).toMatchObject([{ pointer: '/device_id' }])
  })

  it('C3 gets CORS headers for its own origin only, and every response varies by origin', async () => {
    for (const from of [origin, 'https://evil.test', 'null', `${origin}.evil.test`]) {
      const response = await client.post('kakao/begin', { redirect_uri: redirectUri }, { origin: from })
      expect(response.headers.get('access-control-allow-origin')).toBe(from === origin ? origin : null)
      expect(response.headers.get('access-control-allow-credentials')).toBe(from === origin ? 'true' : null)
      expect(response.headers.get('vary')).toContain('origin')
    }
  })
})
