import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import type { CleanupBatch } from '../../_lib/stores/cleanup.ts'
import { createAuthCleanup } from './clean-up-auth.ts'
import { createAuthExpirer, createExpiredAuthCounter } from './expire-auth.pg.ts'

let database: TestDatabase
const userId = randomUUID()
beforeAll(async () => {
  database = await createTestDatabase()
  await database.query('insert into auth.accounts (user_id) values ($1)', [userId])
})
afterAll(() => database?.close())
beforeEach(async () => {
  await database.query('truncate auth.login_attempts, auth.sessions, auth.refresh_tokens, auth.forgotten_sessions')
})

const insertAttempt = (sinceExpiry: string) =>
  database.query(
    `insert into auth.login_attempts (login_attempt_id, provider, state, nonce, code_verifier, redirect_uri, expires_at)
     values ($1, 'kakao', 's', 'n', 'v', 'u', now() - $2::interval)`,
    [randomUUID(), sinceExpiry],
  )

async function insertSession(age: string, tokens: number, endsAt = `now() - interval '${age}' + interval '60 days'`) {
  const sessionId = randomUUID()
  await database.query(
    `insert into auth.sessions (session_id, user_id, created_at, ends_at)
     values ($1, $2, now() - $3::interval, ${endsAt})`,
    [sessionId, userId, age],
  )
  for (let count = 0; count < tokens; count += 1) {
    await database.query(
      `insert into auth.refresh_tokens (token_hash, session_id, created_at, expires_at, spent_at)
       values ($1, $2, now() - $3::interval, now() - $3::interval + interval '14 days', now() - $3::interval)`,
      [randomBytes(32), sessionId, age],
    )
  }
  return sessionId
}

const insertForgotten = (age: string) =>
  database.query('insert into auth.forgotten_sessions (session_id, ended_at) values ($1, now() - $2::interval)', [
    randomUUID(),
    age,
  ])

const countRows = async () =>
  (
    await database.query<Record<string, number>>(
      `select (select count(*)::int from auth.login_attempts) as attempts,
         (select count(*)::int from auth.sessions) as sessions,
         (select count(*)::int from auth.refresh_tokens) as tokens,
         (select count(*)::int from auth.forgotten_sessions) as forgotten`,
    )
  )[0]

const expire = (options?: Parameters<typeof createAuthExpirer>[1]) =>
  createAuthExpirer(database.openAs('auth'), options)()

it('deletes expired rows, and none that expires a moment later', async () => {
  await insertAttempt('1 day 1 minute')
  await insertAttempt('23 hours 59 minutes')
  await insertSession('90 days 1 minute', 3)
  await insertSession('89 days 23 hours', 3)
  await insertSession('1 minute', 1)
  await insertForgotten('61 minutes')
  await insertForgotten('59 minutes')
  expect(await expire()).toEqual({
    loginAttempts: 1,
    refreshTokens: 3,
    sessions: 1,
    forgottenSessions: 1,
    finished: true,
  })
  expect(await countRows()).toEqual({ attempts: 1, sessions: 2, tokens: 4, forgotten: 1 })
})

it('a dry run counts exactly the rows that a run would delete, and deletes nothing', async () => {
  await insertAttempt('2 days')
  await insertAttempt('23 hours')
  await insertSession('91 days', 3)
  await insertSession('100 days', 2, `now() + interval '1 day'`)
  await insertForgotten('2 hours')
  const before = await countRows()
  const { removed, next } = await createAuthCleanup(database.openAs('auth')).run(undefined, true)
  expect({ removed, next }).toEqual({
    removed: { login_attempts: 1, refresh_tokens: 3, sessions: 1, forgotten_sessions: 1 },
    next: undefined,
  })
  expect(await countRows()).toEqual(before)
  expect(await expire()).toEqual({
    loginAttempts: removed.login_attempts,
    refreshTokens: removed.refresh_tokens,
    sessions: removed.sessions,
    forgottenSessions: removed.forgotten_sessions,
    finished: true,
  })
  expect(await createExpiredAuthCounter(database.openAs('auth'))()).toEqual({
    loginAttempts: 0,
    refreshTokens: 0,
    sessions: 0,
    forgottenSessions: 0,
  })
})

it('cleans up batch by batch until nothing is left', async () => {
  for (let count = 0; count < 5; count += 1) await insertSession('91 days', 2)
  const step = createAuthCleanup(database.openAs('auth'), { batchRows: 3 })
  const total: Record<string, number> = {}
  for (let from: string | undefined = ''; from !== undefined; ) {
    const batch: CleanupBatch = await step.run(from, false)
    for (const [kind, rows] of Object.entries(batch.removed)) total[kind] = (total[kind] ?? 0) + rows
    from = batch.next
  }
  expect(total).toEqual({ login_attempts: 0, refresh_tokens: 10, sessions: 5, forgotten_sessions: 0 })
})

it('keeps the account and a session that has not expired, however old', async () => {
  await insertSession('100 days', 2, `now() + interval '1 day'`)
  expect(await expire()).toMatchObject({ refreshTokens: 0, sessions: 0 })
  expect(await countRows()).toMatchObject({ sessions: 1, tokens: 2 })
  expect(await database.query('select user_id from auth.accounts')).toEqual([{ user_id: userId }])
})

it('continues in batches until nothing is left', async () => {
  for (let count = 0; count < 7; count += 1) await insertSession('91 days', 2)
  expect(await expire({ batchRows: 3 })).toMatchObject({ refreshTokens: 14, sessions: 7, finished: true })
})

it('stops at its bound, reports that, and keeps sessions that still have tokens', async () => {
  for (let count = 0; count < 4; count += 1) await insertSession('91 days', 3)
  expect(await expire({ batchRows: 2, batchesMax: 1 })).toMatchObject({
    refreshTokens: 2,
    sessions: 0,
    finished: false,
  })
  while (!(await expire({ batchRows: 2, batchesMax: 1 })).finished);
  expect(await countRows()).toMatchObject({ sessions: 0, tokens: 0 })
})

it('two concurrent runs delete every row once', async () => {
  for (let count = 0; count < 20; count += 1) await insertAttempt('2 days')
  const runs = await Promise.all([expire({ batchRows: 5 }), expire({ batchRows: 5 })])
  const left = await expire({ batchRows: 5 })
  expect(runs.concat(left).reduce((sum, run) => sum + run.loginAttempts, 0)).toBe(20)
  expect(await countRows()).toMatchObject({ attempts: 0 })
})

it('finds expired rows by an index', async () => {
  await database.query(
    `insert into auth.login_attempts (login_attempt_id, provider, state, nonce, code_verifier, redirect_uri, expires_at)
     select gen_random_uuid(), 'kakao', 's', 'n', 'v', 'u', now() from generate_series(1, 5000)`,
  )
  await database.query(
    `insert into auth.sessions (session_id, user_id, ends_at)
     select gen_random_uuid(), $1, now() + interval '60 days' from generate_series(1, 5000)`,
    [userId],
  )
  await database.query(
    'insert into auth.forgotten_sessions (session_id) select gen_random_uuid() from generate_series(1, 5000)',
  )
  for (const table of ['login_attempts', 'sessions', 'forgotten_sessions']) {
    await database.query(`analyze auth.${table}`)
  }
  const plans = await Promise.all(
    [
      `select 1 from auth.login_attempts where expires_at < now() - interval '1 day' order by expires_at limit 1000`,
      `select 1 from auth.sessions where created_at < now() - interval '90 days' order by created_at limit 1000`,
      `select 1 from auth.forgotten_sessions where ended_at < now() - interval '1 hour' order by ended_at limit 1000`,
    ].map((query) => database.query<{ 'QUERY PLAN': string }>(`explain ${query}`)),
  )
  for (const plan of plans) expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toMatch(/Index/)
})
