import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../scripts/local/testing/test-database.ts'
import { type RunningFunction, runFunction } from '../../../_lib/testing/run-function.ts'
import { createTestKeys, signTestOperatorToken, type TestKeys } from '../../../_lib/testing/test-keys.ts'
import { start } from '../main.ts'

let database: TestDatabase
let operate: RunningFunction
let keys: TestKeys
beforeAll(async () => {
  database = await createTestDatabase()
  keys = await createTestKeys()
  operate = await runFunction(start, {
    DATABASE_URL: database.urlOf('events'),
    OPERATOR_PUBLIC_KEYS: JSON.stringify(keys.publicKeys),
  })
})
afterAll(async () => {
  await operate?.close()
  await database?.close()
})
beforeEach(() => database.query('truncate events.batch_runs, events.batch_periods'))

async function get(path: string) {
  const response = await fetch(`${operate.url}/api/v1/operations/runs${path}`, {
    headers: { authorization: `Bearer ${await signTestOperatorToken(keys)}` },
  })
  // Unchecked cast: the tests assert the shape.
  return {
    status: response.status,
    body: (await response.json()) as { items: { run_id: string }[]; next_cursor: string },
  }
}
type Counts = { periods: number; done?: number; failed?: number; task?: string; age?: string; runId?: string }
async function insertRun({
  periods,
  done = 0,
  failed = 0,
  task = 'analytics.daily',
  age = '0',
  runId = randomUUID(),
}: Counts) {
  await database.query(
    `insert into events.batch_runs
       (run_id, task, first_day, last_day, again, ordered_by, periods, done, failed, failures, ordered_at, ended_at)
     values ($1, $2, '2026-03-02', '2026-03-11', true, '/growbin/scripts/backfill', $3::int, $4::int, $5::int,
       case when $5::int > 0 then '[{"period": "2026-03-03", "reason": "stalled"}]'::jsonb else '[]' end,
       now() - $6::interval, case when $4::int + $5::int = $3::int then now() end)`,
    [runId, task, periods, done, failed, age],
  )
  return runId
}

it('a run reports its progress from finished periods and from the hours that the running one covers', async () => {
  const runId = await insertRun({ periods: 10, done: 3 })
  await database.query(
    `insert into events.batch_periods (task, period, state, fence, position, partial, rows_read, run_ids, last_error)
     values ('analytics.daily', '2026-03-05', 'running', 7, '{"finished_at": "2026-03-05T03:00:00.000001Z"}', '{}', 4000,
         array[$1::uuid, gen_random_uuid()], 'postgresql_unavailable'),
       ('analytics.daily', '2026-03-06', 'running', 1, null, null, 0, array[gen_random_uuid()], null),
       ('analytics.daily', '2026-03-07', 'waiting', 0, null, null, 0, array[$1::uuid], null)`,
    [runId],
  )
  const item = {
    run_id: runId,
    task: 'analytics.daily',
    from: '2026-03-02',
    to: '2026-03-11',
    again: true,
    ordered_by: '/growbin/scripts/backfill',
    state: 'running',
    periods: 10,
    done: 3,
    failed: 0,
    // Three and a half days of ten: the checkpoint is at noon in Seoul.
    progress: 35,
    ordered_at: expect.stringMatching(/^\d{4}-.*Z$/),
    ended_at: null,
  }
  expect(await get('')).toEqual({ status: 200, body: { items: [item], next_cursor: null } })
  const atWork = {
    period: '2026-03-05',
    rows_read: 4_000,
    progress: 50,
    last_error: 'postgresql_unavailable',
    moved_at: expect.stringMatching(/^\d{4}-.*Z$/),
  }
  expect(await get(`/${runId}`)).toEqual({ status: 200, body: { ...item, failures: [], at_work: [atWork] } })
})

it('an ended run is completed, or failed with its reasons', async () => {
  const ids = [
    await insertRun({ periods: 2, done: 2 }),
    await insertRun({ periods: 0 }),
    await insertRun({ periods: 2, done: 1, failed: 1 }),
  ]
  const ends = await Promise.all(ids.map(async (id) => (await get(`/${id}`)).body))
  expect(ends).toMatchObject([
    { state: 'completed', progress: 100, failures: [] },
    { state: 'completed', progress: 100, periods: 0 },
    { state: 'failed', progress: 100, failures: [{ period: '2026-03-03', reason: 'stalled' }] },
  ])
})

it('pages through all runs newest first, and through the runs of one task', async () => {
  const ids: string[] = []
  for (let age = 5; age >= 1; age -= 1) {
    const task = age % 2 === 0 ? 'report.generate' : 'analytics.daily'
    ids.unshift(await insertRun({ periods: 1, age: `${age} hours`, task }))
  }
  const page = async (query: string) => {
    const { body } = await get(query)
    return { ids: body.items.map((item) => item.run_id), next: body.next_cursor }
  }
  const first = await page('?limit=2')
  const second = await page(`?limit=2&cursor=${first.next}`)
  const third = await page(`?limit=2&cursor=${second.next}`)
  expect([...first.ids, ...second.ids, ...third.ids]).toEqual(ids)
  expect(third.next).toBeNull()
  expect((await page('?task=report.generate')).ids).toEqual([ids[1], ids[3]])
})

it('answers 404 for an unknown run and 400 for an unknown parameter or value', async () => {
  expect((await get(`/${randomUUID()}`)).status).toBe(404)
  expect((await get('/today')).status).toBe(404)
  for (const query of ['?task=analytics.hourly', '?limit=0', '?cursor=x', '?state=running']) {
    expect([query, (await get(query)).status]).toEqual([query, 400])
  }
})
