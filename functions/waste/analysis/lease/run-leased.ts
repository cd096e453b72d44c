import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import { RejectedEventError, UnavailableError } from '../../../_lib/http/errors.ts'
import type { Logger } from '../../../_lib/process/log.ts'
import type { FailureReason } from '../../job/failure-reasons.ts'
import type { Stage } from '../../job/job.ts'
import type { LeasedJob } from '../../job/leased-job.ts'
import { type JobSnapshot, snapshotAt } from '../../snapshot/job-snapshot.ts'
import { AnalysisDelayedError, AnalysisFailedError, AnalysisStuckError, LeaseLostError } from './analysis-errors.ts'
import type { AnalysisRun } from './analysis-run.ts'
import { keepLease, whileHeld } from './keep-lease.ts'
import type { Leases } from './leases.pg.ts'
import { retryWhileUnavailable } from './retry-while-unavailable.ts'

export type RunLeasedDeps = {
  leases: Leases
  leaseSeconds: number
  /** The deadline of an analysis, its claim included. Shorter than that of a request. */
  workSecondsMax: number
  removePhoto: (job: LeasedJob) => Promise<void>
  publishSnapshot: (snapshot: JobSnapshot) => Promise<void>
  flush: (events: readonly JsonCloudEvent[]) => Promise<void>
  log: Logger
  now: () => Date
}

export type LeasedRun<T> =
  | { outcome: 'done'; job: LeasedJob; value: T }
  | { outcome: 'failed' | 'delayed' | 'lease_lost' | 'not_needed' }

/** The delay before a retry when a store is unavailable; a late job waits until it is released again. */
const unavailableDelaySeconds = 3

/** Claims the job, runs the work while renewing the lease, and ends or releases the job when the work fails. */
export async function runLeased<T>(
  deps: RunLeasedDeps,
  { jobId, event }: { jobId: string; event: JsonCloudEvent },
  work: (run: AnalysisRun) => Promise<T>,
): Promise<LeasedRun<T>> {
  const startedMs = performance.now()
  const claim = await deps.leases.claim(jobId)
  if (claim.kind === 'unknown') throw new RejectedEventError('unknown_job', `There is no job "${jobId}"`)
  if (claim.kind === 'not_needed') return { outcome: 'not_needed' }
  const { job } = claim
  const claimedAfterMs = Math.round(performance.now() - startedMs)
  const lease = keepLease({
    renew: () => deps.leases.renew(job),
    intervalMs: (deps.leaseSeconds * 1000) / 3,
    workMsMax: Math.max(0, deps.workSecondsMax * 1000 - claimedAfterMs),
    delaySeconds: unavailableDelaySeconds,
  })
  const progress = trackProgress(deps, job)
  const run: AnalysisRun = { job, event, report: progress.report, signal: lease.signal }
  const ended = await whileHeld(work(run), lease.signal).then(
    (value): LeasedRun<T> => ({ outcome: 'done', job, value }),
    (error: unknown) => ({ error }),
  )
  lease.stop()
  // Before the end is published, so that no stage follows it.
  progress.stop()
  return 'error' in ended ? { outcome: await conclude(deps, job, event, ended.error) } : ended
}

type Unfinished = Exclude<LeasedRun<never>['outcome'], 'done' | 'not_needed'>

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
    // The broker redelivers before the lease ends, and the redelivery must be able to claim the job.
    await whileLeaseLasts(deps, () => deps.leases.release(job)).catch(() => undefined)
    throw error
  }
  const isFailedTry = error instanceof AnalysisStuckError
  const isReleased = await whileLeaseLasts(deps, () =>
    deps.leases.releaseForRetry(job, event, delaySeconds, isFailedTry),
  )
  if (!isReleased) return 'lease_lost'
  deps.log.warn('An analysis was deferred', { error, job_id: job.jobId, delay_seconds: delaySeconds })
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

/** Retries for the time of the lease, since the job cannot be claimed before its end. Afterwards the redriver takes over. */
const whileLeaseLasts = <T>(deps: RunLeasedDeps, write: () => Promise<T>) =>
  retryWhileUnavailable(deps.leaseSeconds * 1000, write)

const repeatMs = 4_000

/**
 * Publishes each stage when it begins, and repeatedly while it lasts, since snapshots of unfinished jobs expire after ten
 * seconds.
 */
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
