import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { deleteInBatches } from '../../_lib/stores/delete-in-batches.pg.ts'

/** Creates the step of an account deletion that deletes the geocodings of a person. Idempotent. Known answers name no person and stay. */
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
