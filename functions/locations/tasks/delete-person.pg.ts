import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { deleteInBatches } from '../../_lib/stores/delete-in-batches.pg.ts'

/** Deletes what a person has asked of the map service, answered or not. Safe to repeat. What is known of places is of nobody. */
export function createPersonDeleter(database: Database): (userId: string, signal?: AbortSignal) => Promise<void> {
  return async (userId, signal) => {
    await deleteInBatches({
      database,
      signal,
      table: sql`locations.geocodings`,
      key: sql`geocoding_id`,
      where: sql`owner_id = ${userId}`,
    })
  }
}
