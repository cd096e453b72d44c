import { type SQL, sql } from 'drizzle-orm'
import type { Queries } from '../../../_lib/stores/database.pg.ts'
import type { AnalysisStep } from '../../analysis-step.ts'
import { atStage, ended, inState, isHeld, leasedFor } from '../columns.pg.ts'
import type { Stage } from '../job.ts'
import { withFailedTry } from '../late-job.pg.ts'
import type { Lease } from '../leased-job.ts'

// What the worker that holds the lease of a job may write. Each statement changes nothing when the lease is lost.

/** Extends a lease to `seconds` from now. False when it is lost. */
export async function renewLease(db: Queries, lease: Lease, seconds: number): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    update waste.jobs set ${leasedFor(seconds)}, updated_at = now() where ${isHeld(lease)}`)
  return rowCount === 1
}

/** Part of a larger statement: notes the stage of a job, and returns its id while the lease is held. */
export const enterStage = (lease: Lease, stage: Stage): SQL => sql`
  update waste.jobs set ${atStage(stage)}, updated_at = now() where ${isHeld(lease)} returning job_id`

/**
 * Moves a job to its next step: ends the lease and resets the failed tries. False when the lease is lost, or the job is at
 * another step.
 */
export async function finishStep(tx: Queries, lease: Lease, step: AnalysisStep, next: AnalysisStep): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    update waste.jobs set step = ${next}, lease_until = null, redrives = 0, failed_tries = 0, updated_at = now()
    where ${isHeld(lease)} and step = ${step}`)
  return rowCount === 1
}

export type Release = {
  /** Until then the redriver does not count the job as stalled. */
  delaySeconds: number
  /** Whether the try counts against the job. */
  isFailedTry: boolean
}

/** Ends the lease and queues the job again. False when the lease is lost. */
export async function releaseForRetry(tx: Queries, lease: Lease, release: Release): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    update waste.jobs
    set ${inState('queued', 'queued')}, lease_until = null,
      failed_tries = ${release.isFailedTry ? withFailedTry : sql`failed_tries`}, updated_at = now() + make_interval(secs => ${release.delaySeconds})
    where ${isHeld(lease)}`)
  return rowCount === 1
}

/**
 * Ends a job in the transaction that writes its result. Resolves to the time of its end, or to undefined when the lease is
 * lost.
 */
export async function completeJob(tx: Queries, lease: Lease): Promise<Date | undefined> {
  const { rows } = await tx.execute<{ finished_at: Date }>(sql`
    update waste.jobs set ${inState('completed', 'done')}, ${ended} where ${isHeld(lease)} returning finished_at`)
  return rows[0] && new Date(rows[0].finished_at)
}
