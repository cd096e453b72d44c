import { randomBytes, randomUUID } from 'node:crypto'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { createTestKeys } from '../../_lib/testing/test-keys.ts'
import { hashSecret, successorOf } from '../refresh-token.ts'
import { logout } from './logout.ts'
import { start } from './main.ts'
import { createTokenSessionEnder } from './store/end-session-of-token.pg.ts'

const refreshTokenKey = 'a key for tests that is long enough'
const origin = 'https://web.growbin.test'

let parts: TestParts
let instance: FunctionInstance
let app: HttpApp
let environment: Record<string, string>

beforeAll(async () => {
  parts = await startTestParts()
  const keys = await createTestKeys()
  environment = {
    ...parts.environmentOf('auth'),
    DATABASE_CONNECTIONS_MAX: '10',
    AUTH_PUBLIC_KEYS: JSON.stringify(keys.publicKeys),
    AUTH_SIGNING_KEY: JSON.stringify(keys.signingJwk),
    REFRESH_TOKEN_KEY: refreshTokenKey,
    WEB_ORIGINS: JSON.stringify([origin]),
    REFRESHES_PER_MINUTE_MAX: '100000',
    REFRESHES_OF_SESSION_PER_HOUR_MAX: '100000',
    LOG_LEVEL: 'fatal',
  }
  instance = await start(environment)
  app = instance.app
})
afterAll(async () => {
  await instance?.close()
  await parts?.close()
})

/** A session with one live refresh token, as a login leaves it. */
async function openSession(deviceId?: string) {
  const session = { sessionId: randomUUID(), userId: randomUUID(), token: randomBytes(32).toString('base64url') }
  await parts.database.query('insert into auth.accounts (user_id) values ($1)', [session.userId])
  await parts.database.query(
    `insert into auth.sessions (session_id, user_id, device_hash, ends_at) values ($1, $2, $3, now() + interval '60 days')`,
    [session.sessionId, session.userId, deviceId === undefined ? null : hashSecret(deviceId)],
  )
  await parts.database.query(
    `insert into auth.refresh_tokens (token_hash, session_id, expires_at) values ($1, $2, now() + interval '14 days')`,
    [hashSecret(session.token), session.sessionId],
  )
  return session
}

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

const refresh = (token: string, deviceId?: string) =>
  post('/api/v1/auth/refresh', { refresh_token: token, ...(deviceId !== undefined && { device_id: deviceId }) })

async function endReasonOf(sessionId: string): Promise<string | null> {
  const [row] = await parts.database.query<{ end_reason: string | null }>(
    'select end_reason from auth.sessions where session_id = $1',
    [sessionId],
  )
  return row?.end_reason ?? null
}

const liveTokens = async (sessionId: string) =>
  (
    await parts.database.query<{ live: number }>(
      'select count(*)::int as live from auth.refresh_tokens where session_id = $1 and spent_at is null',
      [sessionId],
    )
  )[0]?.live

const age = (token: string, seconds: number) =>
  parts.database.query(
    `update auth.refresh_tokens set spent_at = spent_at - make_interval(secs => $2) where token_hash = $1`,
    [hashSecret(token), seconds],
  )

const deviceId = 'device-of-the-test-1'

/** The socket of a request that comes from this address. */
const fromAddress = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } })

describe('POST /auth/refresh', () => {
  it('R1 stores nothing of a token but its hash', async () => {
    const { token } = await openSession()
    const answer = (await (await refresh(token)).json()) as { refresh_token: string }
    const [row] = await parts.database.query<{ dump: string }>(
      `select string_agg(t::text, ' ') as dump from auth.refresh_tokens t`,
    )
    for (const secret of [token, answer.refresh_token]) {
      expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(row?.dump).not.toContain(secret)
      expect(row?.dump).not.toContain(Buffer.from(secret).toString('hex'))
    }
  })

  it('R2 exchanges a token for a successor and an access token of the same session', async () => {
    const { token, sessionId, userId } = await openSession()
    const response = await refresh(token)
    expect(response.status).toBe(200)
    const body = (await response.json()) as { access_token: string; refresh_token: string }
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: successorOf(refreshTokenKey, token),
      user: { user_id: userId, display_name: null, is_new: false },
    })
    expect(decodeJwt(body.access_token)).toMatchObject({ sub: userId, sid: sessionId })
    expect((await refresh(body.refresh_token)).status).toBe(200)
    expect(await liveTokens(sessionId)).toBe(1)
    const [live] = await parts.database.query<{ days: number }>(
      `select extract(epoch from expires_at - now())::float8 / 86400 as days
       from auth.refresh_tokens where session_id = $1 and spent_at is null`,
      [sessionId],
    )
    expect(live?.days).toBeCloseTo(14, 2)
  })

  it('R3 ends the session when a spent token is used again, and refuses its successor too', async () => {
    const { token, sessionId } = await openSession(deviceId)
    const successor = ((await (await refresh(token, deviceId)).json()) as { refresh_token: string }).refresh_token
    await age(token, 11)
    const reused = await refresh(token, deviceId)
    expect(reused.status).toBe(401)
    expect(await reused.json()).toMatchObject({ reason: 'token_reuse' })
    expect(await endReasonOf(sessionId)).toBe('token_reuse')
    expect(await (await refresh(successor, deviceId)).json()).toMatchObject({ status: 401, reason: 'session_ended' })
  })

  it('R4 gives the same device the same successor within ten seconds', async () => {
    const { token, sessionId } = await openSession(deviceId)
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(token, deviceId)))
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { refresh_token: string }[]
    expect(new Set(bodies.map((body) => body.refresh_token))).toEqual(new Set([successorOf(refreshTokenKey, token)]))
    await age(token, 6)
    expect(await (await refresh(token, deviceId)).json()).toMatchObject({
      refresh_token: successorOf(refreshTokenKey, token),
    })
    expect(await endReasonOf(sessionId)).toBeNull()
    expect(await liveTokens(sessionId)).toBe(1)
  })

  it('R4 lets another device neither use a token nor repeat one', async () => {
    const { token, sessionId } = await openSession(deviceId)
    expect(await (await refresh(token, 'another-device-id-1')).json()).toMatchObject({ reason: 'token_invalid' })
    expect(await endReasonOf(sessionId)).toBeNull()
    expect((await refresh(token, deviceId)).status).toBe(200)
    expect(await (await refresh(token, 'another-device-id-1')).json()).toMatchObject({ reason: 'token_reuse' })
    expect(await endReasonOf(sessionId)).toBe('token_reuse')
  })

  it('R5 refuses a token that was idle for 14 days and a session of 60 days, and no token outlives its session', async () => {
    const idle = await openSession()
    await parts.database.query('update auth.refresh_tokens set expires_at = now() where token_hash = $1', [
      hashSecret(idle.token),
    ])
    expect((await refresh(idle.token)).status).toBe(401)
    const old = await openSession()
    await parts.database.query(`update auth.sessions set ends_at = now() where session_id = $1`, [old.sessionId])
    expect(await (await refresh(old.token)).json()).toMatchObject({ status: 401, reason: 'session_ended' })
    const ending = await openSession()
    await parts.database.query(`update auth.sessions set ends_at = now() + interval '1 hour' where session_id = $1`, [
      ending.sessionId,
    ])
    await refresh(ending.token)
    const [row] = await parts.database.query<{ within: boolean }>(
      `select max(t.expires_at) filter (where spent_at is null) <= max(s.ends_at) as within
       from auth.refresh_tokens t join auth.sessions s using (session_id) where session_id = $1`,
      [ending.sessionId],
    )
    expect(row?.within).toBe(true)
  })

  it('R9 accepts one of 100 parallel uses when the session has no device, and ends the session', async () => {
    const { token, sessionId } = await openSession()
    const statuses = await Promise.all(Array.from({ length: 100 }, async () => (await refresh(token)).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 401)).toHaveLength(99)
    expect(await endReasonOf(sessionId)).toBe('token_reuse')
  })

  it('accepts 1000 refreshes of 50 parallel clients without ending a session', async () => {
    const clients = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => ({
        ...(await openSession(`client-device-${index + 1000}`)),
        index,
      })),
    )
    await Promise.all(
      clients.map(async (client) => {
        let { token } = client
        for (let round = 0; round < 10; round += 1) {
          // Each round two requests cross, as two tabs of one client do.
          const answers = await Promise.all([1, 2].map(() => refresh(token, `client-device-${client.index + 1000}`)))
          const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { refresh_token: string }[]
          expect(answers.map((answer) => answer.status)).toEqual([200, 200])
          expect(bodies[0]?.refresh_token).toBe(bodies[1]?.refresh_token)
          token = bodies[0]?.refresh_token ?? ''
        }
        expect(await endReasonOf(client.sessionId)).toBeNull()
        expect(await liveTokens(client.sessionId)).toBe(1)
      }),
    )
  })
})

describe('the web client', () => {
  const cookie = (token: string) => ({ cookie: `__Host-growbin-rt=${token}; __Host-growbin-device=${deviceId}` })
  const page = { origin, 'x-growbin-client': 'web' }

  it('C1 gets its refresh token only in a cookie that no script can read', async () => {
    const { token } = await openSession(deviceId)
    const response = await post('/api/v1/auth/refresh', { client: 'web' }, { ...page, ...cookie(token) })
    expect(response.status).toBe(200)
    expect(await response.json()).not.toHaveProperty('refresh_token')
    const set = response.headers.getSetCookie().find((value) => value.startsWith('__Host-growbin-rt='))
    expect(set).toContain(successorOf(refreshTokenKey, token))
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/']) expect(set).toContain(attribute)
    expect(set).not.toContain('Domain')
  })

  it.each([
    ['another origin', { ...page, origin: 'https://evil.test' }],
    ['no origin', { 'x-growbin-client': 'web' }],
    ['no own header', { origin }],
  ])('C2 is refused with %s, and its token stays unspent', async (_what, headers) => {
    const { token, sessionId } = await openSession(deviceId)
    const response = await post('/api/v1/auth/refresh', { client: 'web' }, { ...headers, ...cookie(token) } as Record<
      string,
      string
    >)
    expect(response.status).toBe(403)
    expect(await liveTokens(sessionId)).toBe(1)
    expect((await refresh(token, deviceId)).status).toBe(200)
  })

  it('C2 is refused with a form, which a browser sends without a preflight', async () => {
    const { token } = await openSession(deviceId)
    const response = await app.request('/api/v1/auth/refresh', {
      method: 'POST',
      headers: { ...page, ...cookie(token), 'content-type': 'text/plain' },
      body: '{"client":"web"}',
    })
    expect(response.status).toBe(415)
  })

  it('C3 gets CORS headers for its own origin only', async () => {
    const own = await app.request('/.well-known/jwks.json', { headers: { origin } })
    expect(own.headers.get('access-control-allow-origin')).toBe(origin)
    const other = await app.request('/.well-known/jwks.json', { headers: { origin: 'https://evil.test' } })
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
    const preflight = await app.request('/api/v1/auth/refresh', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(204)
  })
})

describe('limits of refreshes', () => {
  const deviceless = async (started: FunctionInstance, token: string) =>
    started.app.request(
      '/api/v1/auth/refresh',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refresh_token: token }),
      },
      fromAddress('211.234.0.1'),
    )
  const successorIn = async (response: Response) => {
    expect(response.status).toBe(200)
    return ((await response.json()) as { refresh_token: string }).refresh_token
  }

  it('Q1 are counted per session in PostgreSQL, refuse without spending the token, and end after an hour', async () => {
    const limited = await start({ ...environment, REFRESHES_OF_SESSION_PER_HOUR_MAX: '3' })
    const [busy, other] = [await openSession(), await openSession()]
    let { token } = busy
    for (let uses = 0; uses < 3; uses += 1) token = await successorIn(await deviceless(limited, token))
    const refusal = await deviceless(limited, token)
    expect(refusal.status).toBe(429)
    expect(refusal.headers.get('ratelimit-policy')).toContain('"auth-refresh-session";q=3;w=3600')
    const seconds = Number(refusal.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(3_500)
    expect(seconds).toBeLessThanOrEqual(3_600)
    expect(await endReasonOf(busy.sessionId)).toBeNull()
    await successorIn(await deviceless(limited, other.token))
    await parts.database.query(
      `update auth.sessions set refresh_window_ends_at = now() - interval '1 second' where session_id = $1`,
      [busy.sessionId],
    )
    for (let uses = 0; uses < 3; uses += 1) token = await successorIn(await deviceless(limited, token))
    expect((await deviceless(limited, token)).status).toBe(429)
    await limited.close()
  })

  it('let 500 people behind one address refresh within a minute', async () => {
    const { REFRESHES_PER_MINUTE_MAX: _, ...asDeployed } = environment
    const deployed = await start(asDeployed)
    const statuses = new Set<number>()
    for (let people = 0; people < 500; people += 1) {
      statuses.add((await deviceless(deployed, randomBytes(32).toString('base64url'))).status)
    }
    await deployed.close()
    // Unknown tokens suffice, since the limit is checked before the token.
    expect([...statuses]).toEqual([401])
  })
})

describe('POST /auth/logout', () => {
  it.each(['refresh token', 'access token', 'cookie'])(
    'ends the session by its %s, and succeeds again when repeated',
    async (by) => {
      const { token, sessionId } = await openSession(deviceId)
      const { access_token: accessToken, refresh_token: live } = (await (await refresh(token, deviceId)).json()) as {
        access_token: string
        refresh_token: string
      }
      const send = () => {
        if (by === 'refresh token') return post('/api/v1/auth/logout', { refresh_token: live })
        if (by === 'access token') return post('/api/v1/auth/logout', {}, { authorization: `Bearer ${accessToken}` })
        return post(
          '/api/v1/auth/logout',
          { client: 'web' },
          { origin, 'x-growbin-client': 'web', cookie: `__Host-growbin-rt=${live}` },
        )
      }
      expect((await send()).status).toBe(204)
      expect((await send()).status).toBe(204)
      expect(await endReasonOf(sessionId)).toBe('logout')
      expect((await refresh(live, deviceId)).status).toBe(401)
      const me = await app.request('/api/v1/auth/me', { headers: { authorization: `Bearer ${accessToken}` } })
      expect(me.status).toBe(401)
    },
  )

  it('keeps the reason of a session that had already ended', async () => {
    const { token, sessionId } = await openSession()
    await refresh(token)
    await refresh(token)
    expect((await post('/api/v1/auth/logout', { refresh_token: token })).status).toBe(204)
    expect(await endReasonOf(sessionId)).toBe('token_reuse')
  })

  it('deletes the copy of each session that it ends, once', async () => {
    const forgotten: string[] = []
    const deps = {
      endSessionOfToken: async () => 'of the token',
      endSession: async () => true,
      forgetCopy: async (sessionId: string) => void forgotten.push(sessionId),
      log: silentLog,
    }
    const refreshToken = 'x'.repeat(43)
    await logout(deps, { refreshToken, person: undefined })
    await logout(deps, { refreshToken, person: { userId: 'x', sessionId: 'of the token' } })
    await logout(deps, { refreshToken, person: { userId: 'x', sessionId: 'another' } })
    expect(forgotten).toEqual(['of the token', 'of the token', 'of the token', 'another'])
  })

  it('succeeds with an unknown token', async () => {
    expect((await post('/api/v1/auth/logout', { refresh_token: 'not a token' })).status).toBe(204)
    expect((await post('/api/v1/auth/logout', { refresh_token: 'x'.repeat(43) })).status).toBe(204)
  })

  it('opens no transaction, and runs no query for a malformed token', async () => {
    const { token, sessionId } = await openSession()
    const real = parts.database.openAs('auth')
    let queries = 0
    const endSessionOfToken = createTokenSessionEnder({
      ...real,
      run: (query) => {
        queries += 1
        return real.run(query)
      },
      transaction: () => Promise.reject(new Error('a logout opened a transaction')),
    })
    const deps = { endSessionOfToken, endSession: async () => false, forgetCopy: async () => undefined, log: silentLog }
    const send = async (refreshToken: string | undefined) => {
      await logout(deps, { refreshToken, person: undefined })
      return queries
    }
    for (const nothing of [undefined, '', 'x'.repeat(42), `${'x'.repeat(42)}!`]) expect(await send(nothing)).toBe(0)
    expect(await send('x'.repeat(43))).toBe(1)
    expect(await send(token)).toBe(2)
    expect(await endReasonOf(sessionId)).toBe('logout')
  })

  it('is limited per address', async () => {
    const limited = await start({ ...environment, LOGOUTS_PER_MINUTE_MAX: '2' })
    const send = () => limited.app.request('/api/v1/auth/logout', { method: 'POST' }, fromAddress('211.234.0.2'))
    const statuses = [(await send()).status, (await send()).status, (await send()).status]
    await limited.close()
    expect(statuses).toEqual([204, 204, 429])
  })
})
