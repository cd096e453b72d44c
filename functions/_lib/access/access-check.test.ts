import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { UnavailableError } from '../http/errors.ts'
import type { Database } from '../stores/database.pg.ts'
import { silentLog } from '../testing/silent-log.ts'
import { createTestKeys, signTestOperatorToken, signTestToken, type TestKeys } from '../testing/test-keys.ts'
import { createAccessCheck, createOperatorCheck } from './access-check.ts'
import { createRevocationReader, type RevocationOptions } from './revocations.pg.ts'

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

/** A database that counts its reads and can be unavailable. */
function watched(domain: string) {
  const real = database.openAs(domain)
  const state = { reads: 0, unavailable: false }
  const watchedDatabase: Database = {
    ...real,
    run: (query) => {
      state.reads += 1
      return state.unavailable ? Promise.reject(new UnavailableError('postgresql', 'unavailable')) : real.run(query)
    },
  }
  return { state, database: watchedDatabase }
}

const revokeKey = (keyId: string) =>
  database.query(`insert into auth.revoked_keys (key_id, reason) values ($1, 'leaked')`, [keyId])

const views = { endedSessions: 'auth.ended_sessions_v1', revokedKeys: 'auth.revoked_keys_v1' }
const readerOf = (options: Omit<RevocationOptions, 'views'>) => createRevocationReader({ ...options, views })

describe('createRevocationReader', () => {
  it.each(['users', 'waste', 'events', 'chat', 'recycling', 'locations'])(
    'lets the role of %s see what is revoked, and nothing else',
    async (domain) => {
      const [live, over] = [await openSession(), await openSession()]
      await endSession(over.sessionId)
      await revokeKey(`revoked-${domain}`)
      const own = database.openAs(domain)
      const { sessionIds, keyIds } = await readerOf({ database: own, log: silentLog })()
      expect([sessionIds.has(live.sessionId), sessionIds.has(over.sessionId)]).toEqual([false, true])
      expect([keyIds.has('another'), keyIds.has(`revoked-${domain}`)]).toEqual([false, true])
      const within = await database.query(
        `select relname from pg_class where relnamespace = 'auth'::regnamespace and relkind = 'r'
           and has_any_column_privilege($1, oid, 'select, insert, update')`,
        [`growbin_${domain}`],
      )
      expect(within).toEqual([])
    },
  )

  it('A6 knows of a session that ended within 60 s, and reads once in 20 s for any number of requests', async () => {
    const { state, database: counted } = watched('waste')
    const read = readerOf({ database: counted, log: silentLog, nowMs: () => clockMs })
    const { sessionId } = await openSession()
    await Promise.all(Array.from({ length: 50 }, read))
    expect(state.reads).toBe(1)
    await endSession(sessionId)
    clockMs += 19_000
    expect((await read()).sessionIds.has(sessionId)).toBe(false)
    expect(state.reads).toBe(1)
    clockMs += 41_000
    expect((await read()).sessionIds.has(sessionId)).toBe(true)
    expect(state.reads).toBe(2)
  })

  it('keeps the last revocations in force while PostgreSQL is unavailable, and reads them again after that', async () => {
    const { state, database: counted } = watched('waste')
    const read = readerOf({ database: counted, log: silentLog, nowMs: () => clockMs })
    const [over, later] = [await openSession(), await openSession()]
    await endSession(over.sessionId)
    await revokeKey('revoked-before')
    await read()
    state.unavailable = true
    clockMs += 100_000
    const kept = await read()
    expect([kept.sessionIds.has(over.sessionId), kept.sessionIds.has(later.sessionId)]).toEqual([true, false])
    expect(kept.keyIds.has('revoked-before')).toBe(true)
    await endSession(later.sessionId)
    state.unavailable = false
    clockMs += 60_000
    expect((await read()).sessionIds.has(later.sessionId)).toBe(true)
  })

  it('refuses every request until it has read once, and queries PostgreSQL once a second meanwhile', async () => {
    const { state, database: counted } = watched('waste')
    const read = readerOf({ database: counted, log: silentLog, nowMs: () => clockMs })
    state.unavailable = true
    const refusals = await Promise.allSettled(Array.from({ length: 20 }, read))
    for (const refusal of refusals) expect(refusal).toMatchObject({ reason: expect.any(UnavailableError) })
    clockMs += 900
    await expect(read()).rejects.toThrow(UnavailableError)
    expect(state.reads).toBe(1)
    clockMs += 200
    await expect(read()).rejects.toThrow(UnavailableError)
    expect(state.reads).toBe(2)
    state.unavailable = false
    clockMs += 1_100
    expect((await read()).sessionIds).toBeInstanceOf(Set)
  })
})

describe('createAccessCheck', () => {
  const checkOf = (publicKeys = keys.publicKeys, nowMs = Date.now) => {
    const waste = database.openAs('waste')
    const readRevocations = readerOf({ database: waste, log: silentLog, nowMs })
    return createAccessCheck({ publicKeys, readRevocations })
  }

  it('accepts the token of a live session, and not that of one that has ended', async () => {
    const check = checkOf()
    const [live, over] = [await openSession(), await openSession()]
    await endSession(over.sessionId)
    expect(await check(await signTestToken(keys, live))).toEqual(live)
    expect(await check(await signTestToken(keys, over))).toBeUndefined()
    expect(await check('not a token')).toBeUndefined()
  })

  it('lets no token of an ended session pass in a new instance while PostgreSQL is unavailable', async () => {
    const { state, database: counted } = watched('waste')
    const check = createAccessCheck({
      publicKeys: keys.publicKeys,
      readRevocations: readerOf({ database: counted, log: silentLog }),
    })
    const over = await openSession()
    await endSession(over.sessionId)
    state.unavailable = true
    await expect(check(await signTestToken(keys, over))).rejects.toThrow(UnavailableError)
    // What is no token of ours is refused without PostgreSQL.
    expect(await check('not a token')).toBeUndefined()
  })

  it('A5 refuses a key within 60 s of its revocation, although its token was verified before', async () => {
    const [old, next] = [await createTestKeys('leaks'), await createTestKeys('follows')]
    const check = checkOf({ keys: [...old.publicKeys.keys, ...next.publicKeys.keys] }, () => clockMs)
    const person = await openSession()
    const [byOld, byNext] = [await signTestToken(old, person), await signTestToken(next, person)]
    expect([await check(byOld), await check(byNext)]).toEqual([person, person])
    await revokeKey('leaks')
    clockMs += 60_000
    expect(await check(byOld)).toBeUndefined()
    expect(await check(await signTestToken(old, person))).toBeUndefined()
    expect(await check(byNext)).toEqual(person)
  })
})

describe('createOperatorCheck', () => {
  it('refuses an operator token whose key is revoked', async () => {
    const [good, leaked] = [await createTestKeys('operator-good'), await createTestKeys('operator-leaked')]
    await revokeKey('operator-leaked')
    const check = createOperatorCheck({
      publicKeys: { keys: [...good.publicKeys.keys, ...leaked.publicKeys.keys] },
      scope: 'dead-letters',
      readRevocations: readerOf({ database: database.openAs('events'), log: silentLog }),
    })
    expect(await check(await signTestOperatorToken(good))).toEqual({ name: 'operator' })
    expect(await check(await signTestOperatorToken(leaked))).toBeUndefined()
  })
})
