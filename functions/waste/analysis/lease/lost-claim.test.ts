import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../../scripts/local/testing/waste-servers.ts'
import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import { createOutbox } from '../../../_lib/messaging/outbox.pg.ts'
import type { FunctionInstance } from '../../../_lib/process/serve.ts'
import { silentLog } from '../../../_lib/testing/silent-log.ts'
import { start } from '../../ai-analyze/main.ts'
import { type AnalysisStep, analysisSteps } from '../../analysis-step.ts'
import type { LeasedJob } from '../../job/leased-job.ts'
import { createStalledJobsRedriver } from '../../tasks/stalled-jobs.pg.ts'
import { type ClaimFaultProxy, startClaimFaultProxy } from '../../testing/claim-fault-proxy.ts'
import { type StagedAnalysis, startStagedAnalysis } from '../../testing/staged-analysis.ts'
import { startWasteParts, type TestJob, type WasteParts } from '../../testing/waste-parts.ts'
import { createLeases, type Leases } from './leases.pg.ts'
import { runLeased } from './run-leased.ts'

let parts: WasteParts<LocalWasteServers>
let cutter: ClaimFaultProxy
let analyzing: FunctionInstance
let other: FunctionInstance
let staged: StagedAnalysis
let redis: Redis
let photo: Buffer
beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  cutter = await startClaimFaultProxy(parts.database.urlOf('waste'))
  analyzing = await parts.start(start, { DATABASE_URL: cutter.url })
  other = await parts.start(start)
  staged = await startStagedAnalysis(parts, { DATABASE_URL: cutter.url })
  redis = new Redis(parts.redis.url)
  photo = await readFile(join(import.meta.dirname, '../../../../scripts/photos/battery.jpg'))
})
afterAll(async () => {
  redis?.disconnect()
  await parts?.close()
  await cutter?.close()
})
beforeEach(async () => {
  cutter.cut('before', 0)
  parts.model.control.reset()
  await redis.flushall()
  await parts.database.query('truncate waste.jobs, waste.results, waste.model_calls, waste.model_budget cascade')
  await parts.database.query('truncate events.outbox, events.inbox')
})

const outboxOf = (database = parts.database.openAs('waste')) =>
  createOutbox({ database, publish: async () => undefined, log: silentLog })

function leasesOf(options: { token?: string; step?: AnalysisStep } = {}): Leases {
  const { token, step } = options
  const database = parts.database.openAs('waste')
  return createLeases({
    ...{ database, outbox: outboxOf(database), consumer: 'test', leaseSeconds: 15 },
    ...(step && { step }),
    ...(token && { createClaimId: () => token }),
  })
}

/** As if the worker had paused for longer than its lease. */
const expire = ({ jobId }: TestJob) =>
  parts.database.query(`update waste.jobs set lease_until = now() - interval '1 millisecond' where job_id = $1`, [
    jobId,
  ])

const redrive = () => {
  const database = parts.database.openAs('waste')
  return createStalledJobsRedriver({ database, outbox: outboxOf(database), now: () => new Date() })()
}

async function claimBy(leases: Leases, { jobId }: TestJob): Promise<LeasedJob> {
  const claim = await leases.claim(jobId)
  return claim.kind === 'claimed' ? claim.job : expect.fail(`The job was ${claim.kind}`)
}

async function expectCompletedOnce({ jobId }: TestJob, fencingToken: number) {
  expect(await parts.jobRow(jobId)).toMatchObject({ state: 'completed', fencing_token: fencingToken, redrives: 0 })
  expect(await parts.database.query('select 1 from waste.results where job_id = $1', [jobId])).toHaveLength(1)
  expect(parts.model.control.calls().total).toBe(1)
}

describe('a claim whose connection is lost', () => {
  it.each([
    ['before', 1],
    ['before', 3],
    ['after', 1],
    ['after', 3],
  ] as const)(
    '%s it was committed, %i times, ends in one lease, one call of the model and one result',
    async (moment, times) => {
      const job = await parts.queuePhoto(photo)
      cutter.cut(moment, times)
      expect((await parts.deliver(analyzing, job)).status).toBe(204)
      expect(cutter.cuts()).toBe(times)
      await expectCompletedOnce(job, 1)
    },
  )

  it('in silence after it was committed is given up in time for another try', async () => {
    const job = await parts.queuePhoto(photo)
    const waiting = await parts.start(start, { LEASE_SECONDS: '30', DATABASE_URL: cutter.url })
    cutter.cut('in silence after', 1)
    expect((await parts.deliver(waiting, job)).status).toBe(204)
    expect(cutter.cuts()).toBe(1)
    await expectCompletedOnce(job, 1)
  })

  it('keeps other deliveries out meanwhile, and is completed by the worker that made it', async () => {
    const job = await parts.queuePhoto(photo)
    const found: unknown[] = []
    cutter.cut('after', 1, async () => {
      found.push((await parts.deliver(other, job)).status)
      found.push(await leasesOf().claim(job.jobId))
    })
    expect((await parts.deliver(analyzing, job)).status).toBe(204)
    expect(found).toEqual([204, { kind: 'not_needed', state: 'processing' }])
    await expectCompletedOnce(job, 1)
  })

  it('leaves the job to the worker that has taken it meanwhile', async () => {
    const job = await parts.queuePhoto(photo)
    let heir: LeasedJob | undefined
    cutter.cut('after', 1, async () => {
      await expire(job)
      heir = await claimBy(leasesOf(), job)
    })
    expect((await parts.deliver(analyzing, job)).status).toBe(204)
    expect(heir).toMatchObject({ fencingToken: 2 })
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'processing', fencing_token: 2 })
    expect(parts.model.control.calls().total).toBe(0)
    expect(await leasesOf().renew(heir ?? expect.fail('Nobody has taken the job'))).toBe(true)
  })

  it('leaves the job to the worker that takes it first when it was never committed', async () => {
    const job = await parts.queuePhoto(photo)
    cutter.cut('before', 1, () => parts.deliver(other, job))
    expect((await parts.deliver(analyzing, job)).status).toBe(204)
    expect(cutter.cuts()).toBe(1)
    await expectCompletedOnce(job, 1)
  })
})

describe('a claim while PostgreSQL is unavailable for longer than the retries', () => {
  // Tried for half of it.
  const overrides = { LEASE_SECONDS: '6' }

  it('asks for another delivery, which finds the job free when nothing was committed', async () => {
    const job = await parts.queuePhoto(photo)
    const unlucky = await parts.start(start, { ...overrides, DATABASE_URL: cutter.url })
    cutter.cut('before', Number.POSITIVE_INFINITY)
    expect((await parts.deliver(unlucky, job)).status).toBe(503)
    expect(cutter.cuts()).toBeGreaterThan(1)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued', fencing_token: 0, claim_id: null })
    expect((await parts.deliver(other, job)).status).toBe(204)
    await expectCompletedOnce(job, 1)
  })

  it('asks for another delivery, and holds the job under one lease that the redriver ends', async () => {
    const job = await parts.queuePhoto(photo)
    const unlucky = await parts.start(start, { ...overrides, DATABASE_URL: cutter.url })
    cutter.cut('after', Number.POSITIVE_INFINITY)
    expect((await parts.deliver(unlucky, job)).status).toBe(503)
    expect(cutter.cuts()).toBeGreaterThan(1)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'processing', fencing_token: 1 })
    await expire(job)
    expect(await redrive()).toMatchObject({ redriven: 1, failed: [] })
    expect((await parts.deliver(other, job)).status).toBe(204)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'completed', fencing_token: 2, redrives: 1 })
    expect(parts.model.control.calls().total).toBe(1)
  })
})

/** A job that has taken this many steps, with the command of the next one. */
async function advanced(steps: number) {
  const job = await staged.queuePhoto(photo)
  let command: JsonCloudEvent = staged.commandOf(job)
  for (let done = 0; done < steps; done += 1) {
    command = (await staged.deliver(command)).reply ?? expect.fail(`Step ${done} gave no reply`)
  }
  return { job, command }
}

describe.each(analysisSteps.map((step, steps) => [step, steps] as const))('a claim of the step %s', (step, steps) => {
  it.each(['before', 'after'] as const)('whose connection is lost %s it was committed is made once', async (moment) => {
    const { job, command } = await advanced(steps)
    cutter.cut(moment, 2)
    const answered = await staged.deliver(command)
    expect(answered.status).toBe(step === 'compose_answer' ? 204 : 200)
    expect(cutter.cuts()).toBe(2)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ fencing_token: steps + 1 })
    if (answered.reply) await staged.follow(answered.reply)
    await expectCompletedOnce(job, analysisSteps.length)
  })

  it('finds nothing under its token once the step is finished, or another worker is at it', async () => {
    const { job, command } = await advanced(steps)
    const leases = leasesOf({ token: randomUUID(), step })
    await claimBy(leases, job)
    await expire(job)
    const heir = await claimBy(leasesOf({ step }), job)
    expect(await leases.claim(job.jobId)).toEqual({ kind: 'not_needed', state: 'processing' })
    expect(await parts.jobRow(job.jobId)).toMatchObject({ step, fencing_token: heir.fencingToken })
    await leasesOf({ step }).release(heir)
    await staged.follow(command)
    expect(await leases.claim(job.jobId)).toEqual({ kind: 'not_needed', state: 'completed' })
  })
})

it.each([1, 2, 3])('a claim of a step takes no job that has gone on to step %i after it', async (steps) => {
  const { job } = await advanced(steps)
  const token = randomUUID()
  // As if the step before had been finished under this token.
  await parts.database.query('update waste.jobs set claim_id = $1', [token])
  const before = await parts.jobRow(job.jobId)
  const step = analysisSteps[steps - 1] ?? expect.fail()
  expect(await leasesOf({ token, step }).claim(job.jobId)).toEqual({ kind: 'not_needed', state: 'processing' })
  expect(await parts.jobRow(job.jobId)).toEqual(before)
})

describe('a claim that is tried again', () => {
  const arrange = async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const leases = leasesOf({ token: randomUUID() })
    return { job, leases, first: await claimBy(leases, job) }
  }

  it('finds the job that its worker holds, under the number of its lease, which lasts on from then', async () => {
    const { job, leases, first } = await arrange()
    await parts.database.query(`update waste.jobs set lease_until = now() + interval '5 seconds'`)
    expect(await claimBy(leases, job)).toEqual(first)
    const [row] = await parts.database.query<{ seconds: number }>(
      'select extract(epoch from lease_until - now())::float8 as seconds from waste.jobs',
    )
    expect(row?.seconds).toBeGreaterThan(5)
    expect(await leasesOf().claim(job.jobId)).toEqual({ kind: 'not_needed', state: 'processing' })
    expect(await leases.renew(first)).toBe(true)
  })

  it('20 times at once gives one lease', async () => {
    const { job, leases, first } = await arrange()
    const others = leasesOf()
    const [own, foreign] = await Promise.all([
      Promise.all(Array.from({ length: 20 }, () => claimBy(leases, job))),
      Promise.all(Array.from({ length: 20 }, () => others.claim(job.jobId))),
    ])
    expect(own).toEqual(Array.from({ length: 20 }, () => first))
    expect(new Set(foreign.map(({ kind }) => kind))).toEqual(new Set(['not_needed']))
  })

  it('has lost to the worker that took the job over', async () => {
    const { job, leases, first } = await arrange()
    await expire(job)
    const heir = await claimBy(leasesOf(), job)
    const before = await parts.jobRow(job.jobId)
    expect(await leases.claim(job.jobId)).toEqual({ kind: 'not_needed', state: 'processing' })
    expect(await leases.renew(first)).toBe(false)
    expect(await parts.jobRow(job.jobId)).toEqual(before)
    expect(heir.fencingToken).toBe(2)
  })

  it('has lost to the worker that took the job after the redriver had queued it again', async () => {
    const { job, leases } = await arrange()
    await expire(job)
    expect(await redrive()).toMatchObject({ redriven: 1 })
    await claimBy(leasesOf(), job)
    const before = await parts.jobRow(job.jobId)
    expect(await leases.claim(job.jobId)).toEqual({ kind: 'not_needed', state: 'processing' })
    expect(await parts.jobRow(job.jobId)).toEqual(before)
  })

  it.each(['released for retry', 'released', 'ended'])(
    'after its lease was %s is a claim like any other',
    async (how) => {
      const { job, leases, first } = await arrange()
      if (how === 'released for retry') await leases.releaseForRetry(first, parts.commandOf(job), 1)
      else if (how === 'released') await leases.release(first)
      else await expire(job)
      expect(await claimBy(leases, job)).toEqual({ ...first, fencingToken: 2 })
      // The lease before is none, though its token is the same.
      expect(await leases.renew(first)).toBe(false)
      expect(await leases.fail(first, parts.commandOf(job), 'photo_refused')).toBe(false)
      expect(await leasesOf().claim(job.jobId)).toMatchObject({ kind: 'not_needed' })
    },
  )

  it('finds a job that has ended to be over', async () => {
    const { job, leases, first } = await arrange()
    await leases.fail(first, parts.commandOf(job), 'photo_refused')
    const before = await parts.jobRow(job.jobId)
    expect(await leases.claim(job.jobId)).toEqual({ kind: 'not_needed', state: 'failed' })
    expect(await parts.jobRow(job.jobId)).toEqual(before)
  })

  it('is another claim under another token: each call makes its own', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const leases = leasesOf()
    await claimBy(leases, job)
    expect(await leases.claim(job.jobId)).toEqual({ kind: 'not_needed', state: 'processing' })
  })
})

it('the time that a claim has taken is no more there for the work', async () => {
  const job = await parts.insertJob({ state: 'queued' })
  const leases = leasesOf()
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const claimSlowly: Leases['claim'] = async (jobId) => {
      const claim = await leases.claim(jobId)
      vi.advanceTimersByTime(3_600_000)
      return claim
    }
    const run = await runLeased(
      {
        leases: { ...leases, claim: claimSlowly },
        leaseSeconds: 15,
        workSecondsMax: 3_600,
        removePhoto: async () => undefined,
        publishSnapshot: async () => undefined,
        flush: async () => undefined,
        log: silentLog,
        now: () => new Date(),
      },
      { jobId: job.jobId, event: parts.commandOf(job) },
      () => new Promise<never>(() => undefined),
    )
    expect(run).toEqual({ outcome: 'delayed' })
  } finally {
    vi.useRealTimers()
  }
  expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued' })
})
