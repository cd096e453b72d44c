import { type SQL, sql } from 'drizzle-orm'
import type { CleanupStep } from './cleanup.ts'
import { countRows } from './count-rows.pg.ts'
import type { Database } from './database.pg.ts'

export type RowCleanupOptions = {
  database: Database
  name: string
  /** With its schema: `events.outbox`. */
  table: SQL
  /** Columns of its primary key. */
  key: SQL
  /** Condition of the rows to remove. */
  expired: SQL
  /** Rows of one statement, which is one transaction; 1000 by default. */
  batchRows?: number
}

const batchRowsDefault = 1_000

/**
 * A step of a clean-up that deletes the expired rows of one table in batches. Rows that another run has locked are skipped, and a dry run
 * counts up to a million. `run` throws what the database throws.
 */
export function createRowCleanup(options: RowCleanupOptions): CleanupStep {
  const { database, name, table, key, expired, batchRows = batchRowsDefault } = options
  return {
    name,
    run: async (_from, dryRun) => {
      if (dryRun) {
        return { removed: { [name]: await countRows(database, sql`from ${table} where ${expired}`) }, next: undefined }
      }
      const { rowCount } = await database.run((db) =>
        db.execute(sql`
          delete from ${table} where (${key}) in (
            select ${key} from ${table} where ${expired} limit ${batchRows} for update skip locked)`),
      )
      const removed = rowCount ?? 0
      return { removed: { [name]: removed }, next: removed < batchRows ? undefined : 'more' }
    },
  }
}
