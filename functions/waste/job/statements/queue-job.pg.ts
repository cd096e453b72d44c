import { sql } from 'drizzle-orm'
import type { Queries } from '../../../_lib/stores/database.pg.ts'
import type { AnalysisStep } from '../../analysis-step.ts'
import { inState } from '../columns.pg.ts'
import { withFailedTry } from '../late-job.pg.ts'

/** Queues an uploaded job, at its first step in the variant `stages`. False when it no longer waits for its photo. */
export async function queueJob(tx: Queries, jobId: string, step: AnalysisStep | null): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    update waste.jobs
    set ${inState('queued', 'queued')}, step = ${step}, queued_at = now(), updated_at = now()
    where job_id = ${jobId} and state = 'created'`)
  return rowCount === 1
}

export type Redrive = {
  /** The lease expired, which counts as a failed try. */
  isLost: boolean
  /** A late job is released for two minutes. */
  isLate: boolean
}

const releasedFor = sql`interval '2 minutes'`
const failedTryDelaySeconds = 30

/**
 * Queues a stalled job again; the transaction holds the lock on its row. Resolves to the delay in seconds before the next
 * try of a fresh job: 0 after the first failed try, then doubling.
 */
export async function redriveJob(tx: Queries, jobId: string, { isLost, isLate }: Redrive): Promise<number> {
  const { rows } = await tx.execute<{ failed_tries: number }>(sql`
    update waste.jobs
    set ${inState('queued', 'queued')}, lease_until = null, redrives = redrives + 1, updated_at = now(),
      released_until = ${isLate ? sql`now() + ${releasedFor}` : sql`null`},
      failed_tries = ${isLost ? withFailedTry : sql`failed_tries`}
    where job_id = ${jobId} and state in ('queued', 'processing')
    returning failed_tries`)
  const failedTries = rows[0]?.failed_tries ?? 0
  if (!isLost || isLate || failedTries < 2) return 0
  const delaySeconds = failedTryDelaySeconds * 2 ** (failedTries - 2)
  await tx.execute(sql`
    update waste.jobs set updated_at = now() + make_interval(secs => ${delaySeconds}) where job_id = ${jobId}`)
  return delaySeconds
}
