import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { type JobFields, startWasteParts, type WasteParts } from '../../waste/testing/waste-parts.ts'
import { addRemoved } from './cleanup-runs.pg.ts'
import { createDeadLetterCloser } from './close-dead-letters.pg.ts'
import { createDeadLetterExpiry } from './expire-dead-letters.pg.ts'

let parts: WasteParts<LocalWasteServers>
beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
})
afterAll(() => parts?.close())
beforeEach(() => parts.database.query('truncate events.dead_letters, events.inbox, waste.jobs cascade'))

// Ids of the same millisecond are not ordered.
let idTimeMs = Date.now()
type DeadLetterFields = { state: string; kind: string; age: string; eventId: string; queue: string; subject: string }
async function insertDeadLetter(fields: Partial<DeadLetterFields> = {}): Promise<string> {
  const deadLetter = {
    state: 'open',
    kind: 'dead_letter',
    age: '0',
    eventId: randomUUID(),
    queue: 'ai',
    subject: 'x',
    ...fields,
  }
  const id = createUuidV7(() => idTimeMs++)
  await parts.database.query(
    `insert into events.dead_letters (dead_letter_id, consumer, kind, reason, event_source, event_id, queue, headers, body,
       state, received_at, last_received_at, replayed_at, discarded_at, closed_at)
     select $1, 'waste-ai-analyze', $3, 'answered_503', '/growbin/waste-upload-complete', $4, $5::text,
       jsonb_build_object('ce-queue', $5::text, 'ce-subject', $6::text), '', $2, now() - interval '1 year', moment,
       case $2 when 'replayed' then moment end, case $2 when 'discarded' then moment end, case $2 when 'closed' then moment end
     from (values (now() - $7::interval)) as times (moment)`,
    [id, deadLetter.state, deadLetter.kind, deadLetter.eventId, deadLetter.queue, deadLetter.subject, deadLetter.age],
  )
  return id
}
const deadLetters = () =>
  parts.database.query<{ dead_letter_id: string; state: string; closed_reason: string | null; closed_at: Date | null }>(
    'select dead_letter_id, state, closed_reason, closed_at from events.dead_letters order by dead_letter_id',
  )

async function cleanUp({ dryRun = false, batchRows = 1_000, openDeadLettersMax = 100_000 } = {}) {
  const database = parts.database.openAs('events')
  const options = { batchRows, openDeadLettersMax }
  let total = {}
  for (const step of [createDeadLetterCloser(database, options), ...createDeadLetterExpiry(database, options)]) {
    for (let from: string | undefined = ''; from !== undefined; ) {
      const { removed, next }: Awaited<ReturnType<typeof step.run>> = await step.run(from || undefined, dryRun)
      total = addRemoved(total, removed)
      from = next
    }
  }
  return total
}

const nothing = { closed_dead_letters: 0, ended_dead_letters: 0, open_dead_letters: 0 }

describe('the time that a dead letter is kept', () => {
  it.each(['replayed', 'discarded', 'closed'])('is 30 days after it was %s', async (state) => {
    await insertDeadLetter({ state, age: '30 days 1 minute' })
    const young = await insertDeadLetter({ state, age: '29 days 23 hours' })
    expect(await cleanUp({ dryRun: true })).toEqual({ ...nothing, ended_dead_letters: 1 })
    expect(await deadLetters()).toHaveLength(2)
    expect(await cleanUp()).toEqual({ ...nothing, ended_dead_letters: 1 })
    expect(await deadLetters()).toMatchObject([{ dead_letter_id: young }])
  })

  it('is 180 days after its newest delivery while it is open', async () => {
    await insertDeadLetter({ age: '180 days 1 minute' })
    const young = await insertDeadLetter({ age: '179 days 23 hours' })
    expect(await cleanUp({ dryRun: true })).toEqual({ ...nothing, open_dead_letters: 1 })
    expect(await cleanUp()).toEqual({ ...nothing, open_dead_letters: 1 })
    expect(await deadLetters()).toMatchObject([{ dead_letter_id: young }])
  })

  it('ends for the oldest open ones when there are more than the bound, in batches', async () => {
    await insertDeadLetter({ state: 'discarded' })
    const ids: string[] = []
    for (let n = 0; n < 12; n += 1) ids.push(await insertDeadLetter())
    const bound = { openDeadLettersMax: 5, batchRows: 2 }
    expect(await cleanUp({ ...bound, dryRun: true })).toEqual({ ...nothing, open_dead_letters: 7 })
    expect(await cleanUp(bound)).toEqual({ ...nothing, open_dead_letters: 7 })
    const open = (await deadLetters()).filter(({ state }) => state === 'open')
    expect(open.map((row) => row.dead_letter_id)).toEqual(ids.slice(7))
  })

  it('is found by an index', async () => {
    await parts.database.query(
      `insert into events.dead_letters (dead_letter_id, consumer, kind, reason, headers, body, state)
       select gen_random_uuid(), 'test', 'rejected', 'malformed', '{}', '', case n % 2 when 0 then 'open' else 'closed' end
       from generate_series(1, 5000) n`,
    )
    await parts.database.query('analyze events.dead_letters')
    for (const expired of [
      `state = 'open' and last_received_at < now() - interval '180 days'`,
      `state <> 'open' and greatest(last_received_at, replayed_at, discarded_at, closed_at) < now() - interval '30 days'`,
    ]) {
      const plan = await parts.database.query<{ 'QUERY PLAN': string }>(
        `explain select 1 from events.dead_letters where ${expired} limit 1000`,
      )
      expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toMatch(/Index/)
    }
  })
})

describe('an open dead letter', () => {
  const ends: [Partial<JobFields>, string][] = [
    [{ state: 'completed' }, 'job_completed'],
    [{ state: 'failed', failure_reason: 'analysis_stalled' }, 'job_failed'],
  ]
  it.each(ends)('of an analysis that is now %o is closed as %s', async (fields, reason) => {
    const job = await parts.insertJob(fields)
    await insertDeadLetter({ subject: job.jobId })
    await insertDeadLetter({ subject: job.jobId, queue: 'rule_retrieval' })
    expect(await cleanUp({ dryRun: true })).toEqual({ ...nothing, closed_dead_letters: 2 })
    expect(await deadLetters()).toMatchObject([{ state: 'open' }, { state: 'open' }])
    expect(await cleanUp()).toEqual({ ...nothing, closed_dead_letters: 2 })
    const closed = { state: 'closed', closed_reason: reason, closed_at: expect.any(Date) }
    expect(await deadLetters()).toMatchObject([closed, closed])
  })

  it('whose consumer has handled the event since is closed', async () => {
    const eventId = randomUUID()
    await insertDeadLetter({ eventId, queue: 'batch' })
    await insertDeadLetter({ queue: 'batch' })
    const recordHandled = (consumer: string) =>
      parts.database.query(`insert into events.inbox (consumer, source, event_id) values ($1, $2, $3)`, [
        ...[consumer, '/growbin/waste-upload-complete', eventId],
      ])
    await recordHandled('another')
    expect(await cleanUp()).toEqual(nothing)
    await recordHandled('waste-ai-analyze')
    expect(await cleanUp()).toEqual({ ...nothing, closed_dead_letters: 1 })
    expect(await deadLetters()).toMatchObject([{ state: 'closed', closed_reason: 'handled_since' }, { state: 'open' }])
  })

  it('of a clean-up whose turn has ended since is closed', async () => {
    const eventId = randomUUID()
    await insertDeadLetter({ eventId, queue: 'sched' })
    await parts.database.query(
      `insert into events.cleanup_runs (event_source, event_id, run_id, turn, task, dry_run, ended_at, finished)
       values ($1, $2, gen_random_uuid(), 1, 'cleanup.cache', false, now(), true)`,
      ['/growbin/waste-upload-complete', eventId],
    )
    expect(await cleanUp()).toEqual({ ...nothing, closed_dead_letters: 1 })
    expect(await deadLetters()).toMatchObject([{ state: 'closed', closed_reason: 'handled_since' }])
  })

  it('stays open while its job is unfinished, when its consumer rejected it, and when it names no job', async () => {
    const [waiting, ended] = [await parts.insertJob({ state: 'queued' }), await parts.insertJob({ state: 'completed' })]
    await insertDeadLetter({ subject: waiting.jobId })
    await insertDeadLetter({ subject: ended.jobId, kind: 'rejected' })
    await insertDeadLetter({ subject: ended.jobId, queue: 'api' })
    await insertDeadLetter({ subject: 'no id' })
    expect(await cleanUp()).toEqual(nothing)
    expect((await deadLetters()).map(({ state }) => state)).toEqual(['open', 'open', 'open', 'open'])
  })

  it('is found among many, page by page', async () => {
    const job = await parts.insertJob({ state: 'completed' })
    for (let n = 0; n < 7; n += 1) await insertDeadLetter(n % 2 === 0 ? {} : { subject: job.jobId })
    expect(await cleanUp({ batchRows: 2, dryRun: true })).toEqual({ ...nothing, closed_dead_letters: 3 })
    expect(await cleanUp({ batchRows: 2 })).toEqual({ ...nothing, closed_dead_letters: 3 })
  })
})
