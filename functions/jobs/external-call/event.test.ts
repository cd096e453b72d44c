import { randomUUID } from 'node:crypto'
import { afterAll, expect, it } from 'vitest'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { createOutbox } from '../../_lib/messaging/outbox.pg.ts'
import { describeEventFunction } from '../../_lib/testing/event-suite.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import { createAccountDeletionCommand } from '../../users/account-deletion-command.ts'
import { createDeletionRedriver } from '../../users/tasks/deletions.pg.ts'
import { start } from './main.ts'
import { withoutServices } from './testing/link-parts.ts'

let parts: TestParts | undefined
afterAll(() => parts?.close())

const people = new Map<string, string>()

/** A person with something in every domain, and the deletion of all of it. */
async function arrangeDeletion() {
  const database = parts?.database
  const userId = randomUUID()
  const deletion = { deletionId: createUuidV7(), eventId: randomUUID(), traceparent: '' }
  people.set(deletion.deletionId, userId)
  const sessionId = randomUUID()
  const jobId = randomUUID()
  await database?.query('insert into auth.accounts (user_id, display_name) values ($1, $2)', [userId, '지울 사람'])
  await database?.query(`insert into auth.identities (provider, subject, user_id) values ('kakao', $1, $2)`, [
    randomUUID(),
    userId,
  ])
  await database?.query(
    `insert into auth.sessions (session_id, user_id, ends_at) values ($1, $2, now() + interval '60 days')`,
    [sessionId, userId],
  )
  await database?.query(
    `insert into auth.refresh_tokens (token_hash, session_id, expires_at) values (sha256($1::text::bytea), $2::uuid, now() + interval '1 day')`,
    [sessionId, sessionId],
  )
  await database?.query(
    `insert into waste.jobs (job_id, owner_id, state, slot, content_type, content_length, object_key, locale, event_id,
       traceparent, upload_expires_at)
     values ($1, $2, 'created', 1, 'image/jpeg', 1000, $3, 'ko', $4, '', now() + interval '5 minutes')`,
    [jobId, userId, `uploads/${userId}/${jobId}`, randomUUID()],
  )
  await database?.query(
    `insert into waste.results (job_id, owner_id, waste_type, category, recyclable, confidence, item_name, feedback,
       disposal_steps, nearby_bins, answered_by, model, image_sha256)
     values ($1, $2, 'paper', 'PAPER', true, 0.9, '신문지', '', '[]', '[]', 'model', 'test', '')`,
    [jobId, userId],
  )
  await database?.query(
    `with counted as (
       insert into users.counted_days select user_id, day, changed_in from waste.changed_days where user_id = $1
     )
     insert into users.daily_counts select user_id, day, 'PAPER', 1, 1 from waste.changed_days where user_id = $1`,
    [userId],
  )
  await database?.query(
    `insert into locations.geocodings (geocoding_id, owner_id, purpose, kind, question_key, asked_address, event_id,
       traceparent, retry_at)
     values (gen_random_uuid(), $1, 'test', 'coordinates', 'of:test', '세종대로 110', gen_random_uuid(), '', now())`,
    [userId],
  )
  await database?.query(`insert into users.profiles (user_id, display_name) values ($1, '지울 사람')`, [userId])
  await database?.query(
    `insert into users.deletions (deletion_id, user_id, user_hash, event_id, traceparent)
     values ($1, $2::uuid, encode(sha256($2::uuid::text::bytea), 'hex'), $3, '')`,
    [deletion.deletionId, userId, deletion.eventId],
  )
  return deletion
}

/** Rows that still name the person, by table. */
async function findTraces(userId: string): Promise<Record<string, number>> {
  const [row] = (await parts?.database.query<Record<string, number>>(
    `select
       (select count(*)::int from auth.accounts where user_id = $1) as accounts,
       (select count(*)::int from auth.identities where user_id = $1) as identities,
       (select count(*)::int from auth.sessions where user_id = $1) as sessions,
       (select count(*)::int from waste.jobs where owner_id = $1) as jobs,
       (select count(*)::int from waste.results where owner_id = $1) as results,
       (select count(*)::int from waste.changed_days where user_id = $1) as changed_days,
       (select count(*)::int from users.daily_counts where user_id = $1) as daily_counts,
       (select count(*)::int from users.counted_days where user_id = $1) as counted_days,
       (select count(*)::int from locations.geocodings where owner_id = $1) as geocodings,
       (select count(*)::int from users.profiles where user_id = $1) as profiles,
       (select count(*)::int from users.deletions where user_id = $1 and completed_at is null) as open_deletions`,
    [userId],
  )) ?? [{}]
  return row ?? {}
}

const environmentOf = ({ database, environmentOf: ofDomain }: TestParts) => ({
  ...ofDomain('events'),
  ...withoutServices,
  AUTH_DATABASE_URL: database.urlOf('auth'),
  LOCATIONS_DATABASE_URL: database.urlOf('locations'),
  USERS_DATABASE_URL: database.urlOf('users'),
  WASTE_DATABASE_URL: database.urlOf('waste'),
})

describeEventFunction({
  name: 'jobs-external-call',
  start,
  environment: async () => {
    parts = await startTestParts()
    return environmentOf(parts)
  },
  validEvent: async () => createAccountDeletionCommand(await arrangeDeletion(), new Date()),
  effect: async (event) => findTraces(people.get(event.subject ?? '') ?? ''),
})

it('carries out a deletion whose event was lost, once the redriver publishes it again', async () => {
  parts ??= await startTestParts()
  const { query, openAs } = parts.database
  // Its event is never delivered.
  const deletion = await arrangeDeletion()
  await query('update users.deletions set retry_at = now() where deletion_id = $1', [deletion.deletionId])
  const database = openAs('users')
  const outbox = createOutbox({ database, publish: async () => undefined, log: silentLog })
  const redrive = createDeletionRedriver({ database, outbox, now: () => new Date() })
  expect(await redrive()).toBeGreaterThanOrEqual(1)
  const [sent] = await query<{ event: JsonCloudEvent }>(
    'select event from events.outbox where event_id = $1 and sent_at is null',
    [deletion.eventId],
  )
  const { app, close } = await start({ ...environmentOf(parts), LOG_LEVEL: 'fatal' })
  try {
    for (const _ of ['once', 'twice']) {
      const message = toSignedMessage(sent?.event as JsonCloudEvent)
      expect((await app.request('/', { method: 'POST', ...message })).status).toBe(204)
    }
  } finally {
    await close()
  }
  const traces = await findTraces(people.get(deletion.deletionId) ?? '')
  expect(Object.entries(traces).filter(([, rows]) => rows > 0)).toEqual([])
  expect(await query('select consumer from events.inbox where event_id = $1', [deletion.eventId])).toHaveLength(1)
})

it('leaves no row that names the person, counts and notes of changed days included', async () => {
  parts ??= await startTestParts()
  const event = createAccountDeletionCommand(await arrangeDeletion(), new Date())
  const userId = people.get(event.subject ?? '') ?? ''
  const before = await findTraces(userId)
  expect(Object.entries(before).filter(([, rows]) => rows === 0)).toEqual([])
  const { app, close } = await start({ ...environmentOf(parts), LOG_LEVEL: 'fatal' })
  try {
    expect((await app.request('/', { method: 'POST', ...toSignedMessage(event) })).status).toBe(204)
  } finally {
    await close()
  }
  expect(await findTraces(userId)).toEqual(Object.fromEntries(Object.keys(before).map((table) => [table, 0])))
})
