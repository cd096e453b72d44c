import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonCloudEvent } from '../../_lib/cloud-event.ts'
import { UnavailableError } from '../../_lib/errors.ts'
import type { Logger } from '../../_lib/log.ts'
import type { FailureReason, Stage } from '../job.ts'
import { type JobSnapshot, snapshotAt } from '../job-snapshot.ts'
import { AnalysisDelayedError, AnalysisFailedError, type LeasedJob, LeaseLostError } from './analysis.ts'
import { keepLease, whileHeld } from './keep-lease.ts'
import type { Leases } from './leases.pg.ts'

export type RunLeasedDeps = {
  leases: Omit<Leases, 'claim'>
  leaseSeconds: number
  /** After this an analysis counts as stuck. Shorter than the deadline of a request. */
  workSecondsMax: number
  removePhoto: (job: LeasedJob) => Promise<void>
  publishSnapshot: (snapshot: JobSnapshot) => Promise<void>
  flush: (events: readonly JsonCloudEvent[]) => Promise<void>
  log: Logger
  now: () => Date
}

export type LeasedRun<T> = { outcome: 'done'; value: T } | { outcome: 'failed' | 'delayed' | 'lease_lost' }

export type LeasedWork<T> = (report: (stage: Stage) => void, signal: AbortSignal) => Promise<T>

/** A store that is away is tried again after this long, as often as the redriver allows. */
const unavailableDelaySeconds = 3

/** Does the work while the lease is kept, and says what becomes of the job when it does not succeed. */
export async function runLeased<T>(
  deps: RunLeasedDeps,
  job: LeasedJob,
  event: JsonCloudEvent,
  work: LeasedWork<T>,
): Promise<LeasedRun<T>> {
  const lease = keepLease({
    renew: () => deps.leases.renew(job),
    intervalMs: (deps.leaseSeconds * 1000) / 3,
    workMsMax: deps.workSecondsMax * 1000,
    delaySeconds: unavailableDelaySeconds,
  })
  const progress = trackProgress(deps, job)
  const ended = await whileHeld(work(progress.report, lease.signal), lease.signal).then(
    (value): LeasedRun<T> => ({ outcome: 'done', value }),
    (error: unknown) => ({ error }),
  )
  lease.stop()
  // Before the end is announced, so that no stage is announced after it.
  progress.stop()
  return 'error' in ended ? { outcome: await conclude(deps, job, event, ended.error) } : ended
}

type Unfinished = Exclude<LeasedRun<never>['outcome'], 'done'>

async function conclude(
  deps: RunLeasedDeps,
  job: LeasedJob,
  event: JsonCloudEvent,
  error: unknown,
): Promise<Unfinished> {
  if (error instanceof LeaseLostError) return 'lease_lost'
  if (error instanceof AnalysisFailedError) return endAsFailed(deps, job, event, error.reason, error)
  const delaySeconds = error instanceof AnalysisDelayedError ? error.delaySeconds : unavailableDelaySeconds
  if (!(error instanceof AnalysisDelayedError || error instanceof UnavailableError)) {
    // The broker delivers again before the lease ends, and must not find the job in the hands of a worker that gave up.
    await whileLeaseLasts(deps, () => deps.leases.release(job)).catch(() => undefined)
    throw error
  }
  const givenBack = await whileLeaseLasts(deps, () => deps.leases.giveBack(job, event, delaySeconds))
  if (!givenBack) return 'lease_lost'
  deps.log.warn('An analysis was put off', { error, job_id: job.jobId, delay_seconds: delaySeconds })
  await deps.publishSnapshot(snapshotAt({ ...job, state: 'queued' }, 'queued', deps.now()))
  if (delaySeconds === 0) await deps.flush([event])
  return 'delayed'
}

async function endAsFailed(
  deps: RunLeasedDeps,
  job: LeasedJob,
  event: JsonCloudEvent,
  failureReason: FailureReason,
  error: Error,
): Promise<Unfinished> {
  if (!(await whileLeaseLasts(deps, () => deps.leases.fail(job, event, failureReason)))) return 'lease_lost'
  deps.log.info('An analysis failed for good', { error, job_id: job.jobId, reason: failureReason })
  await deps.publishSnapshot(snapshotAt({ ...job, state: 'failed' }, 'failed', deps.now(), { failureReason }))
  await deps
    .removePhoto(job)
    .catch((cause: unknown) => deps.log.warn('A photo was left for the clean-up', { error: cause, job_id: job.jobId }))
  return 'failed'
}

const retryMs = 250

/**
 * Tries again while PostgreSQL is away: a worker that gave up at once would leave a job that nobody may take until its lease is
 * over. Afterwards the redriver has it.
 */
async function whileLeaseLasts<T>(deps: RunLeasedDeps, write: () => Promise<T>): Promise<T> {
  // Not the wall clock, which may jump.
  const endMs = performance.now() + deps.leaseSeconds * 1000
  for (;;) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof UnavailableError) || performance.now() >= endMs) throw error
      await sleep(retryMs)
    }
  }
}

const repeatMs = 4_000

/** Announces each stage as it begins, and again while it lasts: copies of unfinished work expire after ten seconds. */
function trackProgress(deps: RunLeasedDeps, job: LeasedJob) {
  let latest: Stage | undefined
  let stopped = false
  const announce = () => {
    if (latest && !stopped) void deps.publishSnapshot(snapshotAt(job, latest, deps.now()))
  }
  const timer = setInterval(announce, repeatMs)
  timer.unref()
  return {
    report: (stage: Stage) => {
      latest = stage
      announce()
    },
    stop: () => {
      stopped = true
      clearInterval(timer)
    },
  }
}
