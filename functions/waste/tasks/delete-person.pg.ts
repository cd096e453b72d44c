import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { deleteInBatches } from '../../_lib/stores/delete-in-batches.pg.ts'
import type { ObjectSweeper } from '../../_lib/stores/object-sweeper.s3.ts'

/**
 * Removes the jobs, results and photos of a person; safe to repeat, also while another run is at it, and after one that was cut
 * off. Jobs go first: a worker that is still at one then finds its lease gone and writes nothing, and what it has put into the
 * store meanwhile is removed by itself.
 */
export function createPersonDeleter(deps: {
  database: Database
  sweep: ObjectSweeper['sweep']
  batchRows?: number
}): (userId: string, signal?: AbortSignal) => Promise<{ jobs: number; objects: number }> {
  return async (userId, signal) => {
    const ofPerson = {
      ...(deps.batchRows === undefined ? {} : { batchRows: deps.batchRows }),
      database: deps.database,
      signal,
      // Results that go with their jobs note their days as changed, in no order: two runs take turns.
      lockFirst: (tx) => tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`delete ${userId}`}, 0))`),
    } satisfies Partial<Parameters<typeof deleteInBatches>[0]>
    const jobs = await deleteInBatches({
      ...ofPerson,
      table: sql`waste.jobs`,
      key: sql`job_id`,
      where: sql`owner_id = ${userId}`,
    })
    // After the jobs, since these note days.
    await deleteInBatches({
      ...ofPerson,
      table: sql`waste.changed_days`,
      key: sql`user_id, day`,
      where: sql`user_id = ${userId}`,
    })
    const uploads = await deps.sweep(`uploads/${userId}/`, signal)
    const photos = await deps.sweep(`photos/${userId}/`, signal)
    return { jobs, objects: uploads + photos }
  }
}
