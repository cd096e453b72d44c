import { type SQL, sql } from 'drizzle-orm'
import type { Database, Queries } from './database.pg.ts'

export type BatchedDeletion = {
  database: Database
  /** With its schema: `waste.jobs`. */
  table: SQL
  /** Columns of its primary key. */
  key: SQL
  /** Condition of the rows to delete. */
  where: SQL
  /** Takes the locks that must be held before those of the rows, at the start of each transaction. */
  lockFirst?: (tx: Queries) => Promise<unknown>
  /** Rows of one statement, which is one transaction; 500 by default. */
  batchRows?: number
  /** Ends the run between two batches; its reason is thrown. */
  signal?: AbortSignal | undefined
}

const batchRowsDefault = 500

/**
 * Deletes all rows that match, in batches of one transaction each, so that no statement reaches its deadline and an interrupted run can
 * be repeated. Resolves to the number of deleted rows. Throws what the database throws, or the reason of `signal`.
 *
 * @example
 * await deleteInBatches({ database, table: sql`waste.jobs`, key: sql`job_id`, where: sql`user_id = ${userId}` })
 */
export async function deleteInBatches(deletion: BatchedDeletion): Promise<number> {
  const { batchRows = batchRowsDefault, signal } = deletion
  let total = 0
  for (;;) {
    signal?.throwIfAborted()
    // Locked rows are skipped, so that no batch waits for a row while it holds others; the last loop waits for one at a time.
    const deleted = await deleteBatch(deletion, sql`limit ${batchRows} for update skip locked`)
    total += deleted
    if (deleted === batchRows) continue
    const awaited = await deleteBatch(deletion, sql`limit 1 for update`)
    total += awaited
    if (awaited === 0) return total
  }
}

async function deleteBatch({ database, table, key, where, lockFirst }: BatchedDeletion, some: SQL): Promise<number> {
  const { rowCount } = await database.transaction(async (tx) => {
    await lockFirst?.(tx)
    return tx.execute(sql`delete from ${table} where (${key}) in (select ${key} from ${table} where ${where} ${some})`)
  })
  return rowCount ?? 0
}
