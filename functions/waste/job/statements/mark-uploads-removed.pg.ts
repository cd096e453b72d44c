import { sql } from 'drizzle-orm'
import type { Queries } from '../../../_lib/stores/database.pg.ts'

/** Notes that what was uploaded for these jobs is gone with every version. Their rows are locked by the transaction. */
export async function markUploadsRemoved(tx: Queries, jobIds: readonly string[]): Promise<void> {
  const ids = sql.param(`{${jobIds.join(',')}}`)
  await tx.execute(sql`update waste.jobs set upload_removed_at = now() where job_id = any(${ids}::uuid[])`)
}
