import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../scripts/local/testing/silent-log.ts'
import { createTestDatabase, type TestDatabase } from '../../scripts/local/testing/test-database.ts'
import { createAccessCheck } from './access-check.ts'
import type { Database } from './database.pg.ts'
import { createEndedSessions } from './ended-sessions.pg.ts'
import { UnavailableError } from './errors.ts'
import { createTestKeys, signTestToken, type TestKeys } from './testing/test-keys.ts'

let database: TestDatabase
let keys: TestKeys
beforeAll(async () => {
  database = await createTestDatabase()
  keys = await createTestKeys()
})
afterAll(() => database?.close())

let clockMs = 0
beforeEach(() => {
  clockMs = 1_000_000
})

async function openSession(): Promise<{ userId: string; sessionId: string }> {
  const person = { userId: randomUUID(), sessionId: randomUUID() }
  await database.query('insert into auth.accounts (user_id) values ($1)', [person.userId])
  await database.query(
    `insert into auth.sessions (session_id, user_id, ends_at) values ($1, $2, now() + interval '1 day')`,
    [person.sessionId, person.userId],
  )
  return person
}

const endSession = (sessionId: string) =>
  database.query('update auth.sessions set ended_at = now() where session_id = $1', [sessionId])

/** A database that counts its reads and can be away. */
function watched(domain: string) {
  const real = database.openAs(domain)
  const state = { reads: 0, away: false }
  const watchedDatabase: Database = {
    ...real,
    run: (query) => {
      state.reads += 1
      return state.away ? Promise.reject(new UnavailableError('postgresql', 'away')) : real.run(query)
    },
  }
  return { state, database: watchedDatabase }
}

describe('createEndedSessions', () => {
  it.each(['users', 'waste', 'events', 'chat', 'recycling', 'locations'])(
    'lets the role of %s see what has ended, and nothing else',
    async (domain) => {
      const [live, over] = [await openSession(), await openSession()]
      await endSession(over.sessionId)
      const opened = database.openAs(domain)
      const isEnded = createEndedSessions({ database: opened, log: silentLog })
      expect([await isEnded(live.sessionId), await isEnded(over.sessionId)]).toEqual([false, true])
      for (const table of [
        'sessions',
        'accounts',
        'identities',
        'refresh_tokens',
        'forgotten_sessions',
        'login_attempts',
      ]) {
        await expect(opened.run((db) => db.execute(`select from auth.${table}`))).rejects.toMatchObject({
          code: '42501',
        })
      }
    },
  )

  it('A6 knows of a session that ended within 60 s, and reads once in 20 s however many ask', async () => {
    const { state, database: counted } = watched('waste')
    const isEnded = createEndedSessions({ database: counted, log: silentLog, nowMs: () => clockMs })
    const { sessionId } = await openSession()
    await Promise.all(Array.from({ length: 50 }, () => isEnded(sessionId)))
    expect(state.reads).toBe(1)
    await endSession(sessionId)
    clockMs += 19_000
    expect(await isEnded(sessionId)).toBe(false)
    expect(state.reads).toBe(1)
    clockMs += 41_000
    expect(await isEnded(sessionId)).toBe(true)
    expect(state.reads).toBe(2)
  })

  it('keeps the last list in force while PostgreSQL is away, and asks again when it is back', async () => {
    const { state, database: counted } = watched('waste')
    const isEnded = createEndedSessions({ database: counted, log: silentLog, nowMs: () => clockMs })
    const [over, later] = [await openSession(), await openSession()]
    await endSession(over.sessionId)
    expect(await isEnded(over.sessionId)).toBe(true)
    state.away = true
    clockMs += 100_000
    expect([await isEnded(over.sessionId), await isEnded(later.sessionId)]).toEqual([true, false])
    await endSession(later.sessionId)
    state.away = false
    clockMs += 60_000
    expect(await isEnded(later.sessionId)).toBe(true)
  })
})

describe('createAccessCheck', () => {
  it('accepts the token of a live session, and not that of one that has ended', async () => {
    const check = createAccessCheck({ publicKeys: keys.publicKeys, database: database.openAs('waste'), log: silentLog })
    const [live, over] = [await openSession(), await openSession()]
    await endSession(over.sessionId)
    expect(await check(await signTestToken(keys, live))).toEqual(live)
    expect(await check(await signTestToken(keys, over))).toBeUndefined()
    expect(await check('not a token')).toBeUndefined()
  })
})
