import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { deletePerson } from '../delete-person.pg.ts'
import { createPeople, type People } from '../testing/people.ts'
import { aggregateDaily } from './aggregate-daily.ts'
import { createBatchAggregator } from './changed-days.pg.ts'

let database: TestDatabase
let asUsers: Database
let people: People

beforeEach(async () => {
  database = await createTestDatabase()
  asUsers = database.openAs('users')
  people = createPeople(database.query)
})
afterEach(() => database.close())

const run = (options: { daysMax?: number; pauseSeconds?: number; runMsMax?: number } = {}) =>
  aggregateDaily({
    aggregateBatch: createBatchAggregator(asUsers, { pauseSeconds: 0, ...options }),
    nowMs: Date.now,
    runMsMax: options.runMsMax ?? 10_000,
  })

const counts = () =>
  database.query(
    `select user_id, day::text, category, analyses, recyclable from users.daily_counts order by user_id, day, category`,
  )

/** Another open transaction on this server holds newer changes back, so this retries. */
const runUntilCounted = (userId: string) =>
  vi.waitFor(async () => {
    await run()
    const [open] = await database.query<{ days: number }>(
      `select count(*)::integer as days from waste.changed_days left join users.counted_days using (user_id, day)
       where user_id = $1 and counted_in is distinct from changed_in`,
      [userId],
    )
    expect(open?.days).toBe(0)
  }, patience)

// Transactions of test files that run in parallel may hold changes back for seconds.
const patience = { timeout: 30_000 }

const at = (time: string) => new Date(time)

it('counts by day of Asia/Seoul and by category', async () => {
  const userId = randomUUID()
  await people.addAnalyses(userId, [
    { analyzedAt: at('2026-12-31T14:59:59.999Z'), category: 'CAN' },
    { analyzedAt: at('2026-12-31T15:00:00Z'), category: 'CAN', recyclable: false },
    { analyzedAt: at('2027-01-01T14:59:59.999Z'), category: 'CAN' },
    { analyzedAt: at('2027-01-01T03:00:00Z'), category: 'VINYL' },
  ])
  await runUntilCounted(userId)
  expect(await counts()).toEqual([
    { user_id: userId, day: '2026-12-31', category: 'CAN', analyses: 1, recyclable: 1 },
    { user_id: userId, day: '2027-01-01', category: 'CAN', analyses: 2, recyclable: 1 },
    { user_id: userId, day: '2027-01-01', category: 'VINYL', analyses: 1, recyclable: 1 },
  ])
})

it('changes nothing when it runs again, and counts once when several runs are concurrent', async () => {
  const userId = randomUUID()
  const days = Array.from({ length: 40 }, (_, index) => ({ analyzedAt: new Date(Date.UTC(2026, 0, 1 + index)) }))
  await people.addAnalyses(userId, [...days, ...days])
  await Promise.all(Array.from({ length: 6 }, () => run({ daysMax: 3 })))
  await runUntilCounted(userId)
  const once = await counts()
  expect(once).toHaveLength(40)
  expect(once).toEqual(once.map((row) => ({ ...row, analyses: 2, recyclable: 2 })))
  await run()
  expect(await counts()).toEqual(once)
})

it('counts only changed days, in batches, and stops when its time is up', async () => {
  const userId = randomUUID()
  const ids = await people.addAnalyses(
    userId,
    Array.from({ length: 10 }, (_, index) => ({ analyzedAt: new Date(Date.UTC(2026, 0, 1 + index)) })),
  )
  await vi.waitFor(
    async () => expect(await run({ daysMax: 4, runMsMax: 0 })).toEqual({ days: 4, more: true }),
    patience,
  )
  expect(await run({ daysMax: 4, runMsMax: 0 })).toEqual({ days: 4, more: true })
  expect(await run({ daysMax: 4, runMsMax: 0 })).toEqual({ days: 2, more: false })
  expect(await run()).toEqual({ days: 0, more: false })
  await people.deleteJobs(ids.slice(0, 1))
  await vi.waitFor(async () => expect(await run()).toEqual({ days: 1, more: false }), patience)
  expect(await counts()).toHaveLength(9)
})

it('pauses once everything is counted, by the clock of the database', async () => {
  const userId = randomUUID()
  await run({ pauseSeconds: 60 })
  await people.addAnalyses(userId, [{}])
  expect(await run({ pauseSeconds: 60 })).toEqual({ days: 0, more: false })
  await database.query(`update users.aggregation set due_at = due_at - interval '60 seconds'`)
  await runUntilCounted(userId)
  expect(await counts()).toHaveLength(1)
})

it('does not skip a result that is committed after later ones were counted', async () => {
  const [slow, fast] = [randomUUID(), randomUUID()]
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    await client.query('begin')
    await createPeople((text, values) => client.query(text, values)).addAnalyses(slow, [
      { analyzedAt: at('2026-01-01T00:00:00Z') },
    ])
    await people.addAnalyses(fast, [{ analyzedAt: at('2026-01-02T00:00:00Z') }])
    await run()
    await client.query('commit')
  } finally {
    await client.end()
  }
  await runUntilCounted(slow)
  await runUntilCounted(fast)
  expect(await counts()).toHaveLength(2)
})

it('counts everything again when the mark comes from another server with higher transaction ids', async () => {
  const userId = randomUUID()
  await people.addAnalyses(userId, [{}])
  await database.query(`update users.aggregation set changed_in = '9000000000000000000'`)
  await runUntilCounted(userId)
  expect(await counts()).toHaveLength(1)
})

it('leaves no row of a deleted person, even during an aggregation of their days', async () => {
  const userId = randomUUID()
  await people.addAnalyses(userId, [{}, {}])
  await database.query(`insert into users.profiles (user_id, display_name) values ($1, '하늘')`, [userId])
  await database.query(`insert into users.preferences (user_id, language, notifications) values ($1, 'ko', '{}')`, [
    userId,
  ])
  const counted = Promise.withResolvers<void>()
  const committing = Promise.withResolvers<void>()
  // A run that has counted the person and has not committed yet.
  const counting = asUsers.transaction(async (tx) => {
    const count = createBatchAggregator({ ...asUsers, transaction: (work) => work(tx) }, { pauseSeconds: 0 })
    await vi.waitFor(async () => expect(await count()).toEqual({ days: 1, more: false }), patience)
    counted.resolve()
    await committing.promise
  })
  await counted.promise
  const deleting = deletePerson(asUsers, userId)
  await vi.waitFor(async () => {
    const waiting = await database.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    expect(waiting).toHaveLength(1)
  })
  committing.resolve()
  await Promise.all([counting, deleting])
  for (const table of ['profiles', 'preferences', 'daily_counts', 'counted_days']) {
    expect({ table, rows: await database.query(`select from users.${table}`) }).toEqual({ table, rows: [] })
  }
})

it('allows the users role to read the views of waste and auth, and to write none', async () => {
  const attempt = async (statement: string) => {
    const client = new pg.Client({ connectionString: database.urlOf('users') })
    await client.connect()
    try {
      await client.query(statement)
      return 'allowed'
    } catch (error) {
      return (error as Error).message
    } finally {
      await client.end()
    }
  }
  for (const view of [
    'waste.completed_analyses_v1',
    'waste.changed_days_v1',
    'auth.accounts_v1',
    'auth.identities_v1',
  ]) {
    expect(await attempt(`select * from ${view}`)).toBe('allowed')
    expect(await attempt(`delete from ${view}`)).toMatch(/^permission denied/)
  }
  for (const table of ['waste.results', 'waste.changed_days', 'auth.accounts', 'auth.identities']) {
    expect(await attempt(`select * from ${table}`)).toMatch(/^permission denied/)
  }
})
