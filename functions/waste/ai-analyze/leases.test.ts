import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { UnavailableError } from '../../_lib/http/errors.ts'
import { createOutbox } from '../../_lib/messaging/outbox.pg.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { createResultSaver, type FoundResult } from '../analysis/answer/save-result.pg.ts'
import { AnalysisFailedError } from '../analysis/lease/analysis-errors.ts'
import { createLeases, type Leases } from '../analysis/lease/leases.pg.ts'
import type { LeasedJob } from '../job/leased-job.ts'
import type { JobSnapshot } from '../snapshot/job-snapshot.ts'
import { startWasteParts, type TestJob, type WasteParts } from '../testing/waste-parts.ts'
import { type AiAnalyzeDeps, aiAnalyze } from './ai-analyze.ts'

let parts: WasteParts<LocalWasteServers>
let database: Database
let leases: Leases
beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  database = parts.database.openAs('waste')
  const outbox = createOutbox({ database, publish: async () => undefined, log: silentLog })
  leases = createLeases({ database, outbox, consumer: 'waste-ai-analyze', leaseSeconds: 15 })
})
afterAll(() => parts?.close())

const eventOf = ({ jobId, eventId }: TestJob): JsonCloudEvent => ({
  specversion: '1.0',
  id: eventId,
  source: '/growbin/waste-upload-complete',
  type: 'app.growbin.ai.image.analyze.v1',
  subject: jobId,
  time: '2026-11-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  data: { job_id: jobId },
  extensions: { queue: 'ai' },
})

const found: FoundResult = {
  waste_type: 'plastic',
  category: 'PET_CLEAR',
  moved_to: null,
  recyclable: true,
  confidence: 0.9,
  item_name: 'a bottle',
  feedback: 'Rinse it.',
  disposal_steps: [],
  nearby_bins: [],
  answered_by: 'model',
  model: 'a-model',
  imageSha256: 'f'.repeat(64),
  modelCall: undefined,
}

async function claimed({ jobId }: { jobId: string }): Promise<LeasedJob> {
  const claim = await leases.claim(jobId)
  if (claim.kind !== 'claimed') throw new Error(`The job was ${claim.kind}`)
  return claim.job
}

/** As if the worker had paused for longer than its lease. */
const expire = ({ jobId }: { jobId: string }) =>
  parts.database.query(`update waste.jobs set lease_until = now() - interval '1 millisecond' where job_id = $1`, [
    jobId,
  ])

const tracesOf = async (job: TestJob) => ({
  results: (await parts.database.query('select 1 from waste.results where job_id = $1', [job.jobId])).length,
  inbox: (await parts.database.query('select 1 from events.inbox where event_id = $1', [job.eventId])).length,
  outbox: (await parts.database.query('select 1 from events.outbox where event_id = $1', [job.eventId])).length,
})

describe('a claim', () => {
  it('is won by one of 20 at once', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const claims = await Promise.all(Array.from({ length: 20 }, () => leases.claim(job.jobId)))
    expect(claims.filter(({ kind }) => kind === 'claimed')).toHaveLength(1)
    expect(claims.filter(({ kind }) => kind === 'not_needed')).toHaveLength(19)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'processing', fencing_token: 1, progress: 10 })
  })

  it('of an expired lease is won by one of 20 at once, with the next number', async () => {
    const job = await parts.insertJob({ state: 'processing', fencing_token: 4, lease_seconds: -1 })
    const claims = await Promise.all(Array.from({ length: 20 }, () => leases.claim(job.jobId)))
    expect(claims.flatMap((claim) => (claim.kind === 'claimed' ? claim.job.fencingToken : []))).toEqual([5])
  })

  it.each(['created', 'completed', 'failed'] as const)('of a job that is %s is not needed', async (state) => {
    const job = await parts.insertJob({ state, failure_reason: state === 'failed' ? 'photo_refused' : null })
    expect(await leases.claim(job.jobId)).toEqual({ kind: 'not_needed', state })
  })

  it('of a job in the hands of another is not needed', async () => {
    const job = await parts.insertJob({ state: 'processing', lease_seconds: 5 })
    expect(await leases.claim(job.jobId)).toEqual({ kind: 'not_needed', state: 'processing' })
  })

  it('of no job is unknown', async () => {
    expect(await leases.claim(randomUUID())).toEqual({ kind: 'unknown' })
  })

  it('lasts by the clock of the database, not by that of the worker', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2001-01-01T00:00:00Z') })
    try {
      const job = await parts.insertJob({ state: 'queued' })
      await claimed(job)
      const [row] = await parts.database.query<{ seconds: number }>(
        'select extract(epoch from lease_until - now())::float8 as seconds from waste.jobs where job_id = $1',
        [job.jobId],
      )
      expect(row?.seconds).toBeGreaterThan(13)
      expect(row?.seconds).toBeLessThanOrEqual(15)
      expect(await leases.claim(job.jobId)).toMatchObject({ kind: 'not_needed' })
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a worker whose lease was taken over', () => {
  it('can write nothing', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const zombie = await claimed(job)
    await expire(job)
    const heir = await claimed(job)
    const before = await parts.jobRow(job.jobId)
    const save = createResultSaver(database, 'waste-ai-analyze')
    expect(await leases.renew(zombie)).toBe(false)
    expect(await leases.releaseForRetry(zombie, eventOf(job), 1)).toBe(false)
    expect(await leases.fail(zombie, eventOf(job), 'photo_refused')).toBe(false)
    expect(await save({ job: zombie, event: eventOf(job) }, found)).toBeUndefined()
    await leases.release(zombie)
    expect(await parts.jobRow(job.jobId)).toEqual(before)
    expect(await tracesOf(job)).toEqual({ results: 0, inbox: 0, outbox: 0 })
    expect(await save({ job: heir, event: eventOf(job) }, found)).toMatchObject({
      ...{ job_id: job.jobId, category: found.category, item_name: found.item_name },
      analyzed_at: expect.stringMatching(/^2\d{3}-.*Z$/),
    })
    expect(await save({ job: heir, event: eventOf(job) }, found)).toBeUndefined()
    expect(await tracesOf(job)).toEqual({ results: 1, inbox: 1, outbox: 0 })
  })

  it('may go on when no other worker has taken it over', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const late = await claimed(job)
    await expire(job)
    expect(await leases.renew(late)).toBe(true)
    expect(await leases.claim(job.jobId)).toMatchObject({ kind: 'not_needed' })
  })

  it('writes nothing after the redriver has queued the job again', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const zombie = await claimed(job)
    await parts.database.query(`update waste.jobs set state = 'queued', lease_until = null where job_id = $1`, [
      job.jobId,
    ])
    expect(
      await createResultSaver(database, 'waste-ai-analyze')({ job: zombie, event: eventOf(job) }, found),
    ).toBeUndefined()
    expect(await leases.renew(zombie)).toBe(false)
  })
})

describe('what is written together', () => {
  it.each(['results', 'inbox'])('stays unwritten when %s cannot be written', async (table) => {
    const job = await parts.insertJob({ state: 'queued', latitude: 37 })
    const held = await claimed(job)
    const name = table === 'results' ? 'waste.results' : 'events.inbox'
    await parts.database.query(`revoke insert on ${name} from growbin_waste`)
    try {
      await expect(createResultSaver(database, 'x')({ job: held, event: eventOf(job) }, found)).rejects.toThrow()
    } finally {
      await parts.database.query(`grant insert on ${name} to growbin_waste`)
    }
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'processing', latitude: 37, finished_at: null })
    expect(await tracesOf(job)).toEqual({ results: 0, inbox: 0, outbox: 0 })
  })

  it('a job is not given back without its event', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const held = await claimed(job)
    await expect(leases.releaseForRetry(held, { ...eventOf(job), id: 'no-uuid' }, 1)).rejects.toThrow()
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'processing', fencing_token: 1 })
  })

  it('a job that is given back is left alone until its delay is over, by the relay and by the redriver', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const event = { ...eventOf(job), extensions: { queue: 'ai', redrives: '3' } }
    expect(await leases.releaseForRetry(await claimed(job), event, 600)).toBe(true)
    const rows = await parts.database.query(
      `select extract(epoch from updated_at - now())::float8 as job, extract(epoch from next_at - now())::float8 as relay,
         event -> 'extensions' as extensions
       from waste.jobs join events.outbox using (event_id) where job_id = $1`,
      [job.jobId],
    )
    const soon = expect.closeTo(600, -2)
    expect(rows).toEqual([{ job: soon, relay: soon, extensions: { queue: 'ai' } }])
  })
})

describe('an analysis under a lease', () => {
  const leaseSeconds = 0.3

  function arrange(answerJob: AiAnalyzeDeps['answerJob'], changed: Partial<AiAnalyzeDeps> = {}) {
    const announced: JobSnapshot[] = []
    const outbox = createOutbox({ database, publish: async () => undefined, log: silentLog })
    const deps: AiAnalyzeDeps = {
      leases: createLeases({ database, outbox, consumer: 'waste-ai-analyze', leaseSeconds }),
      leaseSeconds,
      workSecondsMax: 10,
      answerJob,
      sanitizePhoto: async () => undefined,
      removePhoto: async () => undefined,
      publishSnapshot: async (snapshot) => void announced.push(snapshot),
      flush: async () => undefined,
      log: silentLog,
      now: () => new Date(),
      ...changed,
    }
    return { announced, run: (job: TestJob) => aiAnalyze(deps, { jobId: job.jobId, event: eventOf(job) }) }
  }
  const until = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const answered = (job: LeasedJob) => ({
    result: { job_id: job.jobId, ...found, analyzed_at: '2026-11-01T00:00:00.000Z' },
    photo: { sha256: 'x', original: new Uint8Array(), prepared: undefined },
  })
  const leaseUntilOf = async (job: TestJob) => (await parts.jobRow(job.jobId)).lease_until as Date

  it('keeps it for as long as the work lasts', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const { run } = arrange(async (run) => {
      const first = await leaseUntilOf(job)
      // Three renewals: longer than one lease lasts.
      await vi.waitFor(
        async () => expect((await leaseUntilOf(job)).getTime() - first.getTime()).toBeGreaterThan(leaseSeconds * 1000),
        { timeout: 5_000, interval: 20 },
      )
      expect(await leases.claim(job.jobId)).toMatchObject({ kind: 'not_needed' })
      const saved = await createResultSaver(database, 'x')(run, found)
      expect(saved).toBeDefined()
      return answered(run.job)
    })
    expect(await run(job)).toBe('completed')
  })

  it('stops as soon as the lease is known to be lost, and announces nothing more', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const tidied = vi.fn()
    const { run, announced } = arrange(
      async ({ report, signal }) => {
        report('vision')
        await expire(job)
        await claimed(job)
        return until(signal)
      },
      { sanitizePhoto: tidied, removePhoto: tidied },
    )
    expect(await run(job)).toBe('lease_lost')
    expect(announced.map(({ stage }) => stage)).toEqual(['vision'])
    expect(tidied).not.toHaveBeenCalled()
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'processing', fencing_token: 2 })
    expect(await tracesOf(job)).toEqual({ results: 0, inbox: 0, outbox: 0 })
  })

  it('is taken over from a worker that died, once the lease has run out', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    await claimed(job)
    const { run } = arrange(async (run) => {
      await createResultSaver(database, 'x')(run, found)
      return answered(run.job)
    })
    expect(await run(job)).toBe('not_needed')
    await expire(job)
    expect(await run(job)).toBe('completed')
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'completed', fencing_token: 2 })
  })

  it('is deferred when the work is stuck in a call that cannot be interrupted', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const { promise: stuck, resolve: resolveLate } = Promise.withResolvers<void>()
    const { promise: savedLate, resolve: reportSaved } = Promise.withResolvers<unknown>()
    const { run, announced } = arrange(
      async (run) => {
        await stuck
        run.report('save')
        reportSaved(await createResultSaver(database, 'x')(run, found))
        return answered(run.job)
      },
      { workSecondsMax: 0.2 },
    )
    expect(await run(job)).toBe('delayed')
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued' })
    expect(await tracesOf(job)).toEqual({ results: 0, inbox: 0, outbox: 1 })
    resolveLate()
    expect(await savedLate).toBeUndefined()
    expect(announced.map(({ stage }) => stage)).toEqual(['queued'])
  })

  it('can be claimed again after an unexpected error, which is rethrown', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const { run } = arrange(() => Promise.reject(new Error('A bug')))
    await expect(run(job)).rejects.toThrow('A bug')
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued', lease_until: null })
    expect(await tracesOf(job)).toEqual({ results: 0, inbox: 0, outbox: 0 })
  })

  it.each([
    ['deferred', new UnavailableError('object_store', 'S3 is unavailable'), 'delayed', 'queued'],
    ['ended', new AnalysisFailedError('photo_refused', 'The model refused the photo'), 'failed', 'failed'],
  ] as const)('is %s although PostgreSQL is unavailable for a moment', async (_, cause, outcome, state) => {
    const job = await parts.insertJob({ state: 'queued' })
    let away = 2
    const whenBack =
      <A extends unknown[], T>(write: (...args: A) => Promise<T>) =>
      (...args: A) => {
        away -= 1
        return away >= 0
          ? Promise.reject(new UnavailableError('postgresql', 'PostgreSQL is unavailable'))
          : write(...args)
      }
    const { run } = arrange(() => Promise.reject(cause), {
      leases: { ...leases, releaseForRetry: whenBack(leases.releaseForRetry), fail: whenBack(leases.fail) },
      leaseSeconds: 15,
    })
    expect(await run(job)).toBe(outcome)
    expect(away).toBe(-1)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state, lease_until: null })
  })

  it('can be claimed again after an unexpected error, although PostgreSQL is unavailable for a moment', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    let away = 2
    const release: Leases['release'] = async (run) => {
      away -= 1
      if (away >= 0) throw new UnavailableError('postgresql', 'PostgreSQL is unavailable')
      await leases.release(run)
    }
    const { run } = arrange(() => Promise.reject(new Error('A bug')), {
      leases: { ...leases, release },
      leaseSeconds: 15,
    })
    await expect(run(job)).rejects.toThrow('A bug')
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued', lease_until: null })
  })

  it('is left to the redriver when PostgreSQL is unavailable for longer than the lease', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const releaseForRetry = () => Promise.reject(new UnavailableError('postgresql', 'PostgreSQL is unavailable'))
    const { run } = arrange(() => Promise.reject(new UnavailableError('object_store', 'S3 is unavailable')), {
      leases: { ...leases, releaseForRetry },
      leaseSeconds: 0.3,
    })
    await expect(run(job)).rejects.toThrow('PostgreSQL is unavailable')
  })

  it('announces no stage after the end', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    let reportLate: (() => void) | undefined
    const { run, announced } = arrange(async (run) => {
      reportLate = () => run.report('save')
      run.report('save')
      await createResultSaver(database, 'x')(run, found)
      return answered(run.job)
    })
    expect(await run(job)).toBe('completed')
    reportLate?.()
    expect(announced.map(({ stage }) => stage)).toEqual(['save', 'done'])
  })
})
