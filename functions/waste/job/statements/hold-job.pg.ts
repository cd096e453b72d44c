import { type SQL, sql } from 'drizzle-orm'
import type { Queries } from '../../../_lib/stores/database.pg.ts'
import { atStage, isHeld, leasedFor } from '../columns.pg.ts'
import type { Stage } from '../job.ts'
import type { Lease } from '../leased-job.ts'

/** Extends a lease to `seconds` from now. False when it is lost. */
export async function renewLease(db: Queries, lease: Lease, seconds: number): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    update waste.jobs set ${leasedFor(seconds)}, updated_at = now() where ${isHeld(lease)}`)
  return rowCount === 1
}

/** Part of a larger statement: notes the stage of a job, and returns its id while the lease is held. */
export const enterStage = (lease: Lease, stage: Stage): SQL => sql`
  update waste.jobs set ${atStage(stage)}, updated_at = now() where ${isHeld(lease)} returning job_id`
