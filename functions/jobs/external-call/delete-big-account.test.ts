import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { openDatabase } from '../../_lib/stores/database.pg.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { createAccountCloser } from '../../auth/tasks/close-account.pg.ts'
import { createAccountForgetter } from '../../auth/tasks/forget-account.pg.ts'
import { createPersonDeleter as createQuestionDeleter } from '../../locations/tasks/delete-person.pg.ts'
import { createDeletions } from '../../users/tasks/deletions.pg.ts'
import { createPersonDeleter } from '../../waste/tasks/delete-person.pg.ts'

// A tenth of the real statement deadline, and a tenth of an account of 150,000 analyses.
const statementTimeoutMs = 500
const rows = 15_000

const resources = createResources()
let database: TestDatabase
const userId = randomUUID()

const open = (domain: string) =>
  resources.add(openDatabase({ url: database.urlOf(domain), log: silentLog, statementTimeoutMs }))

beforeAll(async () => {
  database = resources.add(await createTestDatabase())
})
afterAll(resources.close)

const arrangements = {
  analyses: `
    with made as (
      insert into waste.jobs (job_id, owner_id, state, slot, content_type, content_length, object_key, locale, event_id,
        traceparent, upload_expires_at, finished_at)
      select gen_random_uuid(), $1, 'completed', 1, 'image/jpeg', 1000, '', 'ko', gen_random_uuid(), '', now(),
        now() - make_interval(hours => number)
      from generate_series(1, $2::integer) as number
      returning job_id, finished_at
    ), called as (
      insert into waste.model_calls (job_id, fencing_token) select job_id, 1 from made
    )
    insert into waste.results (job_id, owner_id, waste_type, category, recyclable, confidence, item_name, feedback,
      disposal_steps, nearby_bins, answered_by, model, image_sha256, analyzed_at)
    select job_id, $1, 'paper', 'PAPER', true, 0.9, '신문지', '', '[]', '[]', 'model', 'test', '', finished_at from made`,
  counts: `
    with days as (
      insert into users.counted_days (user_id, day, counted_in)
      select $1, date '1990-01-01' + number, '1' from generate_series(1, $2::integer) as number returning day
    )
    insert into users.daily_counts (user_id, day, category, analyses, recyclable) select $1, day, 'PAPER', 1, 1 from days`,
  questions: `
    insert into locations.geocodings (geocoding_id, owner_id, purpose, kind, question_key, asked_address, event_id,
      traceparent, retry_at)
    select gen_random_uuid(), $1, 'test', 'coordinates', 'of:test', '세종대로 110', gen_random_uuid(), '', now()
    from generate_series(1, $2::integer)`,
  sessions: `
    with account as (
      insert into auth.accounts (user_id) values ($1) returning user_id
    ), opened as (
      insert into auth.sessions (session_id, user_id, ends_at)
      select gen_random_uuid(), user_id, now() + interval '1 day' from account, generate_series(1, $2::integer / 5)
      returning session_id
    )
    insert into auth.refresh_tokens (token_hash, session_id, expires_at)
    select sha256((session_id::text || number)::bytea), session_id, now() from opened, generate_series(1, 5) as number`,
}

const countRows = async () => {
  const [counts] = await database.query<Record<string, number>>(
    `select
       (select count(*)::integer from waste.jobs where owner_id = $1) as jobs,
       (select count(*)::integer from waste.results where owner_id = $1) as results,
       (select count(*)::integer from waste.model_calls) as calls,
       (select count(*)::integer from waste.changed_days where user_id = $1) as changed_days,
       (select count(*)::integer from users.daily_counts where user_id = $1) as counts,
       (select count(*)::integer from users.counted_days where user_id = $1) as counted_days,
       (select count(*)::integer from locations.geocodings where owner_id = $1) as questions,
       (select count(*)::integer from auth.refresh_tokens) as tokens,
       (select count(*)::integer from auth.sessions where user_id = $1) as sessions,
       (select count(*)::integer from auth.accounts where user_id = $1) as accounts`,
    [userId],
  )
  return Object.entries(counts ?? {})
    .filter(([, count]) => count > 0)
    .map(([name]) => name)
}

it('deletes an account that is too big for one statement, also in two concurrent runs and after an interruption', async () => {
  for (const statement of Object.values(arrangements)) await database.query(statement, [userId, rows])
  await database.query('analyze')
  expect(await countRows()).toHaveLength(10)

  const waste = open('waste')
  const deleteAnalyses = createPersonDeleter({ database: waste, sweep: async () => 0 })
  const interruption = new AbortController()
  let batches = 0
  const transaction: typeof waste.transaction = (work) => {
    batches += 1
    if (batches === 3) interruption.abort(new Error('the time is over'))
    return waste.transaction(work)
  }
  const interruptionRun = createPersonDeleter({ database: { ...waste, transaction }, sweep: async () => 0 })
  await expect(interruptionRun(userId, interruption.signal)).rejects.toThrow('the time is over')
  const runs = await Promise.all([deleteAnalyses(userId), deleteAnalyses(userId)])
  expect(runs.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(rows - 3 * 500)

  const auth = open('auth')
  const forget = createAccountForgetter({
    database: auth,
    createId: createUuidV7,
    traceparent: () => '',
    now: () => new Date(),
  })
  for (const run of [
    createAccountCloser(auth),
    createQuestionDeleter(open('locations')),
    createDeletions(open('users')).deletePerson,
    forget,
  ]) {
    await Promise.all([run(userId), run(userId)])
  }
  expect(await countRows()).toEqual([])
  expect(await database.query('select count(*)::integer as kept from auth.forgotten_sessions')).toEqual([
    { kept: rows / 5 },
  ])
})
