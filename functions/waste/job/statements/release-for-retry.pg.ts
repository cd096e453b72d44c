import { sql } from 'drizzle-orm'
import type { Queries } from '../../../_lib/stores/database.pg.ts'
import { inState, isHeld } from '../columns.pg.ts'
import { withFailedTry } from '../late-job.pg.ts'
import type { Lease } from '../leased-job.ts'

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
