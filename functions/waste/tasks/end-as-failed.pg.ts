import { sql } from 'drizzle-orm'
import type { Queries } from '../../_lib/stores/database.pg.ts'
import type { FailureReason } from '../job/job.ts'

/** Ends a job whose row the transaction has locked. */
export async function endAsFailed(tx: Queries, jobId: string, reason: FailureReason): Promise<void> {
  await tx.execute(sql`
    update waste.jobs
    set state = 'failed', stage = 'failed', progress = -1, failure_reason = ${reason}, lease_until = null,
      latitude = null, longitude = null, finished_at = now(), updated_at = now()
    where job_id = ${jobId}`)
}
