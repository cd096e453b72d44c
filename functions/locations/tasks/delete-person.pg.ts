import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/database.pg.ts'

/** Deletes what a person has asked of the map service, answered or not. Safe to repeat. What is known of places is of nobody. */
export function createPersonDeleter(database: Database): (userId: string) => Promise<void> {
  return async (userId) => {
    await database.run((db) => db.execute(sql`delete from locations.geocodings where owner_id = ${userId}`))
  }
}
