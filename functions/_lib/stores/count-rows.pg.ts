import { type SQL, sql } from 'drizzle-orm'
import type { Database } from './database.pg.ts'

// So that a count stays within the deadline of a statement.
const countedRowsMax = 1_000_000

/**
 * Counts rows up to a million, for the dry run of a clean-up. Throws what the database throws.
 *
 * @example
 * await countRows(database, sql`from waste.jobs where ${expired}`)
 */
export async function countRows(database: Database, from: SQL): Promise<number> {
  const { rows } = await database.run((db) =>
    db.execute<{ count: number }>(sql`
      select count(*)::int as count from (select ${from} limit ${countedRowsMax}) as counted`),
  )
  return rows[0]?.count ?? 0
}
