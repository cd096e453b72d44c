import { sql } from 'drizzle-orm'
import type { Queries } from '../../../_lib/stores/database.pg.ts'
import { ended, inState, isHeld } from '../columns.pg.ts'
import type { Lease } from '../leased-job.ts'

/**
 * Ends a job in the transaction that writes its result. Resolves to the time of its end, or to undefined when the lease is
 * lost.
 */
export async function completeJob(tx: Queries, lease: Lease): Promise<Date | undefined> {
  const { rows } = await tx.execute<{ finished_at: Date }>(sql`
    update waste.jobs set ${inState('completed', 'done')}, ${ended} where ${isHeld(lease)} returning finished_at`)
  return rows[0] && new Date(rows[0].finished_at)
}
