import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { addRemoved } from './cleanup-runs.pg.ts'
import { createEventsCleanup } from './expire-events.pg.ts'

const noDeadLetters = { closed_dead_letters: 0, ended_dead_letters: 0, open_dead_letters: 0 }

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database?.close())
beforeEach(() => database.query('truncate events.outbox, events.inbox, events.cleanup_runs, events.batch_runs'))

const insertEvent = (sentAge: string | null, parkedAge: string | null = null, count = 1) =>
  database.query(
    `insert into events.outbox (event_id, event, created_at, next_at, sent_at, parked_at)
     select gen_random_uuid(), '{}', now() - interval '1 year', now() - interval '1 year',
       now() - $1::interval, now() - $2::interval from generate_series(1, $3)`,
    [sentAge, parkedAge, count],
  )
const insertHandled = (age: string, count = 1) =>
  database.query(
    `insert into events.inbox (consumer, source, event_id, handled_at)
     select 'test', '/test', gen_random_uuid(), now() - $1::interval from generate_series(1, $2)`,
    [age, count],
  )
const insertRun = (age: string) =>
  database.query(
    `insert into events.cleanup_runs (event_source, event_id, run_id, turn, task, dry_run, started_at)
     values ('/test', gen_random_uuid(), gen_random_uuid(), 1, 'cleanup.cache', false, now() - $1::interval)`,
    [age],
  )
const insertBatchRun = (endedAge: string | null) =>
  database.query(
    `insert into events.batch_runs (run_id, task, first_day, last_day, again, ordered_by, periods, ordered_at, ended_at)
     values (gen_random_uuid(), 'analytics.daily', '2026-03-02', '2026-03-02', false, '/test',
       case when $1::interval is null then 1 else 0 end, now() - interval '1 year', now() - $1::interval)`,
    [endedAge],
  )
const countRows = async () =>
  (
    await database.query<Record<string, number>>(
      `select (select count(*)::int from events.outbox) as outbox, (select count(*)::int from events.inbox) as inbox,
         (select count(*)::int from events.cleanup_runs) as runs,
         (select count(*)::int from events.batch_runs) as batch_runs`,
    )
  )[0]

async function cleanUp(dryRun = false, batchRows?: number) {
  let total = {}
  for (const step of createEventsCleanup(database.openAs('events'), batchRows ? { batchRows } : {})) {
    for (let from: string | undefined = ''; from !== undefined; ) {
      const { removed, next }: Awaited<ReturnType<typeof step.run>> = await step.run(from, dryRun)
      total = addRemoved(total, removed)
      from = next
    }
  }
  return total
}

async function insertOldAndYoung() {
  await insertEvent('7 days 1 minute')
  await insertEvent('6 days 23 hours')
  await insertHandled('14 days 1 minute')
  await insertHandled('13 days 23 hours')
  await insertRun('90 days 1 minute')
  await insertRun('89 days')
  await insertBatchRun('90 days 1 minute')
  await insertBatchRun('89 days')
  await insertBatchRun(null)
}

it('deletes rows past their retention, and none shortly before it', async () => {
  await insertOldAndYoung()
  expect(await cleanUp()).toEqual({ ...noDeadLetters, sent_events: 1, inbox_notes: 1, cleanup_runs: 1, batch_runs: 1 })
  expect(await countRows()).toEqual({ outbox: 1, inbox: 1, runs: 1, batch_runs: 2 })
  expect(await cleanUp()).toEqual({ ...noDeadLetters, sent_events: 0, inbox_notes: 0, cleanup_runs: 0, batch_runs: 0 })
})

it('counts the same in a dry run, and deletes nothing', async () => {
  await insertOldAndYoung()
  expect(await cleanUp(true)).toEqual({
    ...noDeadLetters,
    sent_events: 1,
    inbox_notes: 1,
    cleanup_runs: 1,
    batch_runs: 1,
  })
  expect(await countRows()).toEqual({ outbox: 2, inbox: 2, runs: 2, batch_runs: 3 })
})

it('keeps unsent and parked events at any age', async () => {
  await insertEvent(null)
  await insertEvent(null, '1 year')
  await insertEvent('1 year', '1 year')
  await cleanUp()
  expect(await countRows()).toMatchObject({ outbox: 3 })
})

it('continues in batches to the end, and two concurrent runs delete each row once', async () => {
  await insertEvent('8 days', null, 25)
  await insertHandled('15 days', 25)
  const [one, other] = await Promise.all([cleanUp(false, 4), cleanUp(false, 4)])
  expect(addRemoved(addRemoved(one, other), await cleanUp())).toEqual({
    ...noDeadLetters,
    sent_events: 25,
    inbox_notes: 25,
    cleanup_runs: 0,
    batch_runs: 0,
  })
  expect(await countRows()).toMatchObject({ outbox: 0, inbox: 0 })
})

it('does not wait for a row that another transaction has locked', async () => {
  await insertEvent('8 days', null, 2)
  await database.openAs('events').transaction(async (tx) => {
    await tx.execute('select from events.outbox order by outbox_id limit 1 for update')
    expect(await cleanUp()).toMatchObject({ sent_events: 1 })
  })
  expect(await cleanUp()).toMatchObject({ sent_events: 1 })
})

it('finds expired rows by an index', async () => {
  await insertEvent('1 day', null, 5_000)
  await insertHandled('1 day', 5_000)
  await database.query('analyze events.outbox, events.inbox')
  for (const expired of [
    `events.outbox where sent_at < now() - interval '7 days' and parked_at is null`,
    `events.inbox where handled_at < now() - interval '14 days'`,
  ]) {
    const plan = await database.query<{ 'QUERY PLAN': string }>(`explain select 1 from ${expired} limit 1000`)
    expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toMatch(/Index/)
  }
})
