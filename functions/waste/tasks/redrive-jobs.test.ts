import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { aiImageAnalyzeV1 } from '../../_contracts/events/ai-image-analyze.v1.ts'
import { parseCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createOutbox } from '../../_lib/messaging/outbox.pg.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import type { JobSnapshot } from '../snapshot/job-snapshot.ts'
import { type JobFields, startWasteParts, type TestJob, type WasteParts } from '../testing/waste-parts.ts'
import { redriveJobs } from './redrive-jobs.ts'
import { createStalledJobsRedriver } from './stalled-jobs.pg.ts'

let parts: WasteParts<LocalWasteServers>
let database: Database
beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  database = parts.database.openAs('waste')
})
afterAll(() => parts?.close())
beforeEach(() => parts.database.query('truncate waste.jobs, events.outbox cascade'))

function createRedriver(over = database) {
  const announced: JobSnapshot[] = []
  const outbox = createOutbox({ database: over, publish: async () => undefined, log: silentLog })
  const redriveStalledJobs = createStalledJobsRedriver({ database: over, outbox, now: () => new Date() })
  return {
    announced,
    redrive: () =>
      redriveJobs({ redriveStalledJobs, publishSnapshot: async (snapshot) => void announced.push(snapshot) }),
  }
}

const minutes = (count: number) => count * 60
const hours = (count: number) => count * 3600
const pending = async ({ eventId }: TestJob) =>
  (
    await parts.database.query<{ event: Parameters<typeof toSignedMessage>[0]; due: boolean }>(
      'select event, next_at <= now() as due from events.outbox where event_id = $1 and sent_at is null',
      [eventId],
    )
  )[0]

describe('a stalled job', () => {
  const stalled: [string, Partial<JobFields>][] = [
    ['queued for over a minute', { state: 'queued', updated_seconds: -61 }],
    ['redriven twice and stalled for over three minutes', { state: 'queued', redrives: 2, updated_seconds: -181 }],
    ['processing with a lease that has run out', { state: 'processing', fencing_token: 1, lease_seconds: -1 }],
  ]
  it.each(stalled)('(%s) is queued again, and its command is due at once', async (_, fields) => {
    const place = { latitude: 37.5, longitude: 127 }
    const job = await parts.insertJob({ ...fields, ...place })
    const { redrive, announced } = createRedriver()
    expect(await redrive()).toEqual({ redriven: 1, failed: 0, more: false })
    expect(await parts.jobRow(job.jobId)).toMatchObject({
      state: 'queued',
      stage: 'queued',
      progress: 0,
      lease_until: null,
      fencing_token: fields.fencing_token ?? 0,
      redrives: (fields.redrives ?? 0) + 1,
      ...place,
    })
    expect((await pending(job))?.due).toBe(true)
    expect(announced).toEqual([])
    expect(await redrive()).toEqual({ redriven: 0, failed: 0, more: false })
  })

  it('is commanded again under the id of its first command, by a valid event of the contract', async () => {
    const job = await parts.insertJob({ state: 'queued', updated_seconds: -61 })
    await parts.database.query(
      `insert into events.outbox (event_id, event, sent_at) values ($1, '{"old":true}', now())`,
      [job.eventId],
    )
    await createRedriver().redrive()
    const [row] = await parts.database.query<{ sent_at: Date | null }>(
      'select sent_at from events.outbox where event_id = $1',
      [job.eventId],
    )
    expect(row).toEqual({ sent_at: null })
    await parts.database.query('delete from events.outbox')
    await parts.database.query(`update waste.jobs set updated_at = now() - interval '1 hour'`)
    await createRedriver().redrive()
    const { event } = (await pending(job)) ?? expect.fail('No command was published')
    const { headers, body } = toSignedMessage(event)
    const received = parseCloudEvent(new Headers(headers), Buffer.from(body))
    expect(received).toMatchObject({
      id: job.eventId,
      source: '/growbin/waste-upload-complete',
      type: aiImageAnalyzeV1.type,
      subject: job.jobId,
      extensions: { queue: 'ai', traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/) },
    })
    expect(aiImageAnalyzeV1.schema.parse(received.data)).toEqual({ job_id: job.jobId })
  })

  const ended: [string, Partial<JobFields>, string][] = [
    ['an upload that never came', { state: 'created', upload_seconds: -61 }, 'upload_expired'],
    ['a job queued 26 hours ago', { state: 'queued', queued_seconds: -hours(26) - 1 }, 'analysis_expired'],
    [
      'a job deferred again and again for 26 hours',
      { state: 'queued', queued_seconds: -hours(26) - 1, updated_seconds: 30 },
      'analysis_expired',
    ],
    [
      'a worker that died after 26 hours',
      { state: 'processing', queued_seconds: -hours(26) - 1, lease_seconds: -1 },
      'analysis_expired',
    ],
    ['a fifth failed try', { state: 'queued', failed_tries: 5 }, 'analysis_stalled'],
    [
      'a fifth failed try long ago',
      { state: 'queued', failed_tries: 5, queued_seconds: -hours(1) },
      'analysis_stalled',
    ],
  ]
  it.each(ended)('ends after %s, is announced, and loses its location', async (_, fields, reason) => {
    const job = await parts.insertJob({ ...fields, latitude: 37.5, longitude: 127 })
    const { redrive, announced } = createRedriver()
    expect(await redrive()).toEqual({ redriven: 0, failed: 1, more: false })
    expect(await parts.jobRow(job.jobId)).toMatchObject({
      state: 'failed',
      stage: 'failed',
      progress: -1,
      failure_reason: reason,
      finished_at: expect.any(Date),
      lease_until: null,
      latitude: null,
      longitude: null,
    })
    expect(announced).toEqual([
      expect.objectContaining({ jobId: job.jobId, ownerId: job.ownerId, state: 'failed', failureReason: reason }),
    ])
    expect(await pending(job)).toBeUndefined()
  })

  it('is redriven while no worker receives its command, and does not end by that', async () => {
    const job = await parts.insertJob({ state: 'queued', updated_seconds: -3600, queued_seconds: -1 })
    const { redrive } = createRedriver()
    for (let run = 1; run <= 20; run += 1) {
      expect(await redrive()).toMatchObject({ redriven: 1, failed: 0 })
      expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued', redrives: run, failed_tries: 0 })
      await parts.database.query(`update waste.jobs set updated_at = now() - interval '1 hour'`)
    }
  })

  it('ends when five workers have died with it, and waits longer before each try', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const { redrive } = createRedriver()
    const delays = []
    for (let died = 0; died < 5; died += 1) {
      await parts.database.query(
        `update waste.jobs set state = 'processing', lease_until = now() - interval '1 second', updated_at = now()`,
      )
      expect(await redrive()).toMatchObject({ redriven: 1, failed: 0 })
      const [row] = await parts.database.query<{ seconds: number }>(
        'select extract(epoch from next_at - now())::float8 as seconds from events.outbox where event_id = $1',
        [job.eventId],
      )
      delays.push(Math.round((row?.seconds ?? 0) / 10) * 10)
    }
    expect(delays.map((seconds) => seconds + 0)).toEqual([0, 30, 60, 120, 240])
    expect(await redrive()).toMatchObject({ redriven: 0, failed: 1 })
    expect(await parts.jobRow(job.jobId)).toMatchObject({ failure_reason: 'analysis_stalled', failed_tries: 5 })
  })

  it('does not have that counted while the work of everybody stands still', async () => {
    const jobs = [
      await parts.insertJob({ state: 'queued', queued_seconds: -90 }),
      await parts.insertJob({ state: 'queued', queued_seconds: -90 }),
    ]
    const { redrive } = createRedriver()
    const die = async () => {
      await parts.database.query(
        `update waste.jobs set state = 'processing', lease_until = now() - interval '1 second' where finished_at is null`,
      )
      await redrive()
    }
    for (let died = 0; died < 7; died += 1) await die()
    for (const { jobId } of jobs) expect(await parts.jobRow(jobId)).toMatchObject({ state: 'queued', failed_tries: 0 })
    const { jobId } = await parts.insertJob({ state: 'completed' })
    await parts.database.query('update waste.jobs set finished_at = now() where job_id = $1', [jobId])
    await die()
    for (const job of jobs) expect(await parts.jobRow(job.jobId)).toMatchObject({ failed_tries: 1 })
  })

  it('has that counted while only other photos of its person stand still', async () => {
    const owner_id = randomUUID()
    const dead = { state: 'processing', queued_seconds: -90, lease_seconds: -1, owner_id } as const
    const jobs = [await parts.insertJob({ ...dead, slot: 1 }), await parts.insertJob({ ...dead, slot: 2 })]
    await createRedriver().redrive()
    for (const { jobId } of jobs) expect(await parts.jobRow(jobId)).toMatchObject({ failed_tries: 1 })
  })
})

describe('a job that is not stalled', () => {
  const lively: [string, Partial<JobFields>][] = [
    ['waits for an upload that may still come', { state: 'created', upload_seconds: -59 }],
    ['was queued less than a minute ago', { state: 'queued', updated_seconds: -59 }],
    ['was redriven and waits its longer time', { state: 'queued', redrives: 2, updated_seconds: -179 }],
    ['is deferred and not yet due', { state: 'queued', queued_seconds: -minutes(4), updated_seconds: 45 }],
    ['is late, deferred and not yet due', { state: 'queued', queued_seconds: -minutes(14), updated_seconds: 45 }],
    ['has a living lease', { state: 'processing', lease_seconds: 1, updated_seconds: -3600, queued_seconds: -3600 }],
    ['is completed', { state: 'completed', updated_seconds: -3600 }],
    ['has failed', { state: 'failed', failure_reason: 'photo_refused', updated_seconds: -3600 }],
  ]
  it.each(lively)('since it %s, is left alone', async (_, fields) => {
    const job = await parts.insertJob(fields)
    const before = await parts.jobRow(job.jobId)
    expect(await createRedriver().redrive()).toEqual({ redriven: 0, failed: 0, more: false })
    expect(await parts.jobRow(job.jobId)).toEqual(before)
  })
})

describe('a job in a long line', () => {
  const line = (queued_seconds: number, fields: Partial<JobFields> = {}) =>
    parts.insertJob({ state: 'queued', queued_seconds, updated_seconds: queued_seconds, ...fields })

  it('gets no second command while jobs before it are in work', async () => {
    await line(-200, { state: 'processing', lease_seconds: 10 })
    await line(-150)
    expect(await createRedriver().redrive()).toMatchObject({ redriven: 0 })
  })

  it('gets a second command when a job behind it is in work', async () => {
    const lost = await line(-200)
    await line(-150, { state: 'processing', lease_seconds: 10 })
    await line(-140)
    expect(await createRedriver().redrive()).toMatchObject({ redriven: 1 })
    expect(await pending(lost)).toBeDefined()
  })
})

describe('several redrivers', () => {
  it('take each of 450 jobs once, in batches', async () => {
    const { jobId } = await parts.insertJob({ state: 'queued', updated_seconds: -61 })
    await parts.database.query(
      `insert into waste.jobs (job_id, owner_id, state, slot, content_type, content_length, object_key, locale, event_id,
         traceparent, upload_expires_at, queued_at, updated_at)
       select gen_random_uuid(), gen_random_uuid(), 'queued', 1, content_type, content_length, 'x', 'ko',
         gen_random_uuid(), traceparent, upload_expires_at, queued_at, updated_at
       from waste.jobs, generate_series(1, 449) where job_id = $1`,
      [jobId],
    )
    const redrivers = Array.from({ length: 5 }, () => createRedriver(parts.database.openAs('waste')))
    const reports = await Promise.all(
      redrivers.map(async ({ redrive }) => {
        const totals = { redriven: 0, batches: [] as number[] }
        for (let more = true; more; ) {
          const report = await redrive()
          totals.redriven += report.redriven
          totals.batches.push(report.redriven)
          more = report.more
        }
        return totals
      }),
    )
    expect(reports.flatMap(({ batches }) => batches).every((size) => size <= 200)).toBe(true)
    expect(reports.reduce((sum, { redriven }) => sum + redriven, 0)).toBe(450)
    expect(await parts.database.query('select redrives, count(*)::integer from waste.jobs group by redrives')).toEqual([
      { redrives: 1, count: 450 },
    ])
    expect(await parts.database.query('select count(*)::integer from events.outbox')).toEqual([{ count: 450 }])
  })

  it('do not wait for a job that a worker holds at this moment', async () => {
    const [held, free] = await Promise.all([
      parts.insertJob({ state: 'processing', lease_seconds: -1 }),
      parts.insertJob({ state: 'processing', lease_seconds: -1 }),
    ])
    await database.transaction(async (tx) => {
      await tx.execute(`select from waste.jobs where job_id = '${held.jobId}' for update`)
      expect(await createRedriver(parts.database.openAs('waste')).redrive()).toMatchObject({ redriven: 1 })
    })
    expect(await pending(free)).toBeDefined()
    expect(await pending(held)).toBeUndefined()
  })

  it('undo the state when the command cannot be written', async () => {
    const job = await parts.insertJob({ state: 'queued', updated_seconds: -61 })
    await parts.database.query('revoke insert on events.outbox from growbin_waste')
    try {
      await expect(createRedriver().redrive()).rejects.toThrow()
    } finally {
      await parts.database.query('grant insert on events.outbox to growbin_waste')
    }
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued', redrives: 0 })
  })
})
