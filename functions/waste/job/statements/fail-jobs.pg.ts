import { type SQL, sql } from 'drizzle-orm'
import type { Queries } from '../../../_lib/stores/database.pg.ts'
import { ended, inState, isUnfinished } from '../columns.pg.ts'
import type { FailureReason } from '../failure-reasons.ts'

/** Ends the unfinished jobs that `which` selects as failed. Resolves to their number. */
export async function failJobs(tx: Queries, which: SQL, reason: FailureReason): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    update waste.jobs
    set ${inState('failed', 'failed')}, failure_reason = ${reason}, ${ended}
    where ${which} and ${isUnfinished}`)
  return rowCount ?? 0
}
