import { sql } from 'drizzle-orm'
import type { Queries } from '../../../_lib/stores/database.pg.ts'

/** Records that the uploads of these jobs were removed. The transaction holds the locks on their rows. */
export async function markUploadsRemoved(tx: Queries, jobIds: readonly string[]): Promise<void> {
  const ids = sql.param(`{${jobIds.join(',')}}`)
  await tx.execute(sql`update waste.jobs set upload_removed_at = now() where job_id = any(${ids}::uuid[])`)
}
