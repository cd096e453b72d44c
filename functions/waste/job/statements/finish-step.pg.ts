import { sql } from 'drizzle-orm'
import type { Queries } from '../../../_lib/stores/database.pg.ts'
import type { AnalysisStep } from '../../analysis-step.ts'
import { isHeld } from '../columns.pg.ts'
import type { Lease } from '../leased-job.ts'

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
