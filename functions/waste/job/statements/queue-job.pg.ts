import { sql } from 'drizzle-orm'
import type { Queries } from '../../../_lib/stores/database.pg.ts'
import type { AnalysisStep } from '../../analysis-step.ts'
import { inState } from '../columns.pg.ts'

/** Queues an uploaded job, at its first step in the variant `stages`. False when it no longer waits for its photo. */
export async function queueJob(tx: Queries, jobId: string, step: AnalysisStep | null): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    update waste.jobs
    set ${inState('queued', 'queued')}, step = ${step}, queued_at = now(), updated_at = now()
    where job_id = ${jobId} and state = 'created'`)
  return rowCount === 1
}
