import { type SQL, sql } from 'drizzle-orm'
import type { Database, Queries } from './database.pg.ts'

export type BatchedDeletion = {
  database: Database
  /** With its schema: `waste.jobs`. */
  table: SQL
  /** Columns of its primary key. */
  key: SQL
  /** Which rows. */
  where: SQL
  /** What the lock order asks for before any of these rows, at the start of each transaction. */
  lockFirst?: (tx: Queries) => Promise<unknown>
  /** Of one statement, which is one transaction. */
  batchRows?: number
  /** Ends the run between two batches, by its reason. */
  signal?: AbortSignal | undefined
}

const batchRowsDefault = 500

/**
 * Deletes every row that matches, however many there are: each batch is a transaction of its own, so that none meets the deadline of
 * a statement, and a run that was cut off goes on where it stopped. Resolves to the number of rows deleted.
 */
export async function deleteInBatches(deletion: BatchedDeletion): Promise<number> {
  const { batchRows = batchRowsDefault, signal } = deletion
  let total = 0
  for (;;) {
    signal?.throwIfAborted()
    // Rows that others hold are left for later, so that no batch waits for a row while it holds another.
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
