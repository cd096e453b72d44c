import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/database.pg.ts'
import type { ObjectSweeper } from '../../_lib/object-sweeper.s3.ts'

/**
 * Removes the jobs, results and photos of a person; safe to repeat. Jobs go first: a worker that is still at one then finds
 * its lease gone and writes nothing, and what it has put into the store meanwhile is removed by itself.
 */
export function createPersonDeleter(deps: {
  database: Database
  sweep: ObjectSweeper['sweep']
}): (userId: string) => Promise<{ jobs: number; objects: number }> {
  return async (userId) => {
    const { rowCount } = await deps.database.transaction(async (tx) => {
      const deleted = await tx.execute(sql`delete from waste.jobs where owner_id = ${userId}`)
      // In this order: the results that go with the jobs note their days as changed.
      await tx.execute(sql`delete from waste.changed_days where user_id = ${userId}`)
      return deleted
    })
    const uploads = await deps.sweep(`uploads/${userId}/`)
    const photos = await deps.sweep(`photos/${userId}/`)
    return { jobs: rowCount ?? 0, objects: uploads + photos }
  }
}
