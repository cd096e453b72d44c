import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { deleteInBatches } from '../../_lib/stores/delete-in-batches.pg.ts'
import type { ObjectSweeper } from '../../_lib/stores/s3/object-sweeper.s3.ts'

/**
 * Removes the jobs, results and photos of a person; safe to repeat, to run concurrently, and to resume. Jobs go first: a
 * running worker then finds its lease lost, writes nothing, and removes what it has put into the store.
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
      // Deleted results mark their days as changed, in no fixed order: an advisory lock prevents deadlocks between two runs.
      lockFirst: (tx) => tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`delete ${userId}`}, 0))`),
    } satisfies Partial<Parameters<typeof deleteInBatches>[0]>
    const jobs = await deleteInBatches({
      ...ofPerson,
      table: sql`waste.jobs`,
      key: sql`job_id`,
      where: sql`owner_id = ${userId}`,
    })
    // After the jobs, since deleting these marks days.
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
