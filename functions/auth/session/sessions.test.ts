import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRedisServer } from '../../../scripts/local/servers/redis-server/start-redis-server.ts'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import { redisDatabase } from '../../_contracts/redis-databases.ts'
import type { Person } from '../../_lib/access/access-token.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { expectProblem } from '../../_lib/testing/expect-problem.ts'
import { createTestKeys, signTestToken, type TestKeys } from '../../_lib/testing/test-keys.ts'
import { start } from './main.ts'
import { type OpenedTestSession, openTestSession } from './testing/open-session.ts'

let parts: TestParts
let keys: TestKeys
let redis: Redis
const instances: FunctionInstance[] = []

/** A new process of the function, which has not read the ended sessions yet. */
async function startFresh(changes: Record<string, string> = {}) {
  const instance = await start({
    ...parts.environmentOf('auth'),
    AUTH_PUBLIC_KEYS: JSON.stringify(keys.publicKeys),
    AUTH_SIGNING_KEY: JSON.stringify(keys.signingJwk),
    REFRESH_TOKEN_KEY: 'a key for tests that is long enough',
    LOG_LEVEL: 'fatal',
    ...changes,
  })
  instances.push(instance)
  const send = async (method: string, path: string, person?: Person) =>
    instance.app.request(path, {
      method,
      ...(person && { headers: { authorization: `Bearer ${await signTestToken(keys, person)}` } }),
    })
  return {
    send,
    me: (person: Person) => send('GET', '/api/v1/auth/me', person),
    list: (person: Person) => send('GET', '/api/v1/auth/sessions', person),
    end: (person: Person, sessionId: string) => send('DELETE', `/api/v1/auth/sessions/${sessionId}`, person),
    keySet: () => send('GET', '/.well-known/jwks.json'),
  }
}
type Client = Awaited<ReturnType<typeof startFresh>>
let client: Client

beforeAll(async () => {
  ;[parts, keys] = await Promise.all([startTestParts(), createTestKeys()])
  redis = new Redis(parts.redis.url, { db: redisDatabase.sessions })
  redis.on('error', () => undefined)
  client = await startFresh()
})
afterAll(async () => {
  redis?.disconnect()
  await Promise.all(instances.map((instance) => instance.close()))
  await parts?.close()
})

const keyOf = ({ sessionId }: Person) => `session:${sessionId}`
const endInDatabase = ({ sessionId }: Person) =>
  parts.database.query(`update auth.sessions set ended_at = now(), end_reason = 'revoked' where session_id = $1`, [
    sessionId,
  ])
const open = (options?: { userId?: string }): Promise<OpenedTestSession> => openTestSession(parts.database, options)

/** Starts a process with its own Redis, which becomes unavailable between `before` and `work`. */
async function withRedisLost(
  before: (client: Client) => Promise<unknown>,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const server = await startRedisServer()
  try {
    await before(await startFresh({ REDIS_URL: server.url }))
    const client = await startFresh({ REDIS_URL: server.url })
    await server.faults.down()
    await work(client)
  } finally {
    await server.close()
  }
}

describe('GET /auth/me', () => {
  it('answers who is signed in and since when, and caches a copy for at most 60 s', async () => {
    const session = await open()
    const response = await client.me(session)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      user_id: session.userId,
      display_name: '지민',
      session_id: session.sessionId,
      provider: 'kakao',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      authenticated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    })
    const ttl = await redis.ttl(keyOf(session))
    expect(ttl).toBeGreaterThan(0)
    expect(ttl).toBeLessThanOrEqual(60)
  })

  it('answers from the copy while there is one', async () => {
    const session = await open()
    const first = await (await client.me(session)).json()
    await parts.database.query('update auth.accounts set display_name = $2 where user_id = $1', [session.userId, 'new'])
    expect(await (await client.me(session)).json()).toEqual(first)
  })

  it('ends no session when Redis is flushed', async () => {
    const session = await open()
    const first = await (await client.me(session)).json()
    await redis.flushall()
    const response = await client.me(session)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual(first)
  })

  it('accepts live sessions and no others while Redis is unavailable', async () => {
    const [live, endedSession] = [await open(), await open()]
    await withRedisLost(
      async (earlier) => {
        await earlier.me(endedSession)
        await endInDatabase(endedSession)
      },
      async (fresh) => {
        expect((await fresh.me(live)).status).toBe(200)
        await expectProblem(await fresh.me(endedSession), 401)
        await expectProblem(await fresh.me({ userId: randomUUID(), sessionId: randomUUID() }), 401)
      },
    )
  })

  it('A6 refuses an ended session although its copy is still in Redis', async () => {
    const session = await open()
    await client.me(session)
    expect(await redis.exists(keyOf(session))).toBe(1)
    await endInDatabase(session)
    const fresh = await startFresh()
    await expectProblem(await fresh.me(session), 401)
  })

  it('refuses an expired session and an unknown one', async () => {
    const session = await open()
    await parts.database.query('update auth.sessions set ends_at = now() where session_id = $1', [session.sessionId])
    expect((await expectProblem(await client.me(session), 401)).reason).toBe('session_ended')
    const unknown = { userId: session.userId, sessionId: randomUUID() }
    expect((await expectProblem(await client.me(unknown), 401)).reason).toBe('session_ended')
  })

  it.each(['', 'not json', 'null', '[]', '{"userId":1}'])('reads PostgreSQL when the copy is %j', async (text) => {
    const session = await open()
    await redis.set(keyOf(session), text, 'EX', 30)
    expect(await (await client.me(session)).json()).toMatchObject({ session_id: session.sessionId })
  })

  it('ignores a copy that names another person', async () => {
    const [session, stranger] = [await open(), await open()]
    await client.me(stranger)
    await redis.set(keyOf(session), (await redis.get(keyOf(stranger))) ?? '', 'EX', 30)
    expect(await (await client.me(session)).json()).toMatchObject({ user_id: session.userId })
  })
})

describe('GET /auth/sessions', () => {
  it('R6 lists the live sessions of the person, newest first, and marks the current one', async () => {
    const first = await open()
    const second = await open({ userId: first.userId })
    const endedSession = await open({ userId: first.userId })
    await endInDatabase(endedSession)
    await open()
    const { sessions } = (await (await client.list(first)).json()) as { sessions: object[] }
    const common = {
      client: 'app',
      provider: 'kakao',
      created_at: expect.any(String),
      last_refreshed_at: null,
      ends_at: expect.any(String),
    }
    expect(sessions).toEqual([
      { ...common, session_id: second.sessionId, current: false },
      { ...common, session_id: first.sessionId, current: true },
    ])
  })
})

describe('DELETE /auth/sessions/:session_id', () => {
  it('R6 ends a session of the person: its tokens are refused and its copy is gone', async () => {
    const phone = await open()
    const tablet = await open({ userId: phone.userId })
    await client.me(tablet)
    expect((await client.end(phone, tablet.sessionId)).status).toBe(204)
    expect(await redis.exists(keyOf(tablet))).toBe(0)
    await expectProblem(await client.me(tablet), 401)
    const rows = await parts.database.query('select end_reason from auth.sessions where session_id = $1', [
      tablet.sessionId,
    ])
    expect(rows).toEqual([{ end_reason: 'revoked' }])
    expect((await client.me(phone)).status).toBe(200)
  })

  it('Z1 answers alike for a foreign, an ended and a missing session, and ends none', async () => {
    const [own, foreign] = [await open(), await open()]
    const endedSession = await open({ userId: own.userId })
    await endInDatabase(endedSession)
    for (const sessionId of [foreign.sessionId, endedSession.sessionId, randomUUID(), 'not-an-id']) {
      expect((await expectProblem(await client.end(own, sessionId), 404)).reason).toBe('not_found')
    }
    expect((await client.me(foreign)).status).toBe(200)
  })

  it('ends a session while Redis is unavailable, and refuses its tokens from then on', async () => {
    const phone = await open()
    const tablet = await open({ userId: phone.userId })
    await withRedisLost(
      (earlier) => earlier.me(tablet),
      async (fresh) => {
        expect((await fresh.end(phone, tablet.sessionId)).status).toBe(204)
        await expectProblem(await fresh.me(tablet), 401)
      },
    )
  })
})

it('C5 no GET and no HEAD changes a row or ends anything', async () => {
  const session = await open()
  const readRows = () =>
    parts.database.query(
      'select s.*, t.spent_at, t.expires_at from auth.sessions s join auth.refresh_tokens t using (session_id) where session_id = $1',
      [session.sessionId],
    )
  const before = await readRows()
  for (const method of ['GET', 'HEAD']) {
    for (const path of ['me', 'sessions', 'refresh', 'logout', `sessions/${session.sessionId}`]) {
      await client.send(method, `/api/v1/auth/${path}`, session)
    }
  }
  expect(await readRows()).toEqual(before)
})

it('A5 the key set is public, may be cached for five minutes, and contains no private part', async () => {
  const response = await client.keySet()
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('public, max-age=300')
  expect(response.headers.get('content-type')).toContain('application/json')
  expect(await response.json()).toEqual(keys.publicKeys)
  const [{ d: _, ...described } = { d: '' }] = [keys.signingJwk]
  expect(keys.publicKeys.keys[0]).toEqual(described)
})

it('A5 the function does not start with a private key among the public ones, which it would publish', async () => {
  await expect(startFresh({ AUTH_PUBLIC_KEYS: JSON.stringify({ keys: [keys.signingJwk] }) })).rejects.toThrow(
    'AUTH_PUBLIC_KEYS',
  )
})
