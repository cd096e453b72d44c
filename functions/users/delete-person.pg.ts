import { sql } from 'drizzle-orm'
import type { Database, Queries } from '../_lib/stores/database.pg.ts'
import { deleteInBatches } from '../_lib/stores/delete-in-batches.pg.ts'

/**
 * Deletes all rows of a person in this domain. Idempotent. Call it after waste has deleted the results. It waits for a running
 * aggregation, which could otherwise write the counts again.
 */
export async function deletePerson(
  database: Database,
  userId: string,
  options: { signal?: AbortSignal | undefined; batchRows?: number } = {},
): Promise<void> {
  const ofPerson = { ...options, database, where: sql`user_id = ${userId}`, lockFirst: awaitAggregation }
  await deleteInBatches({ ...ofPerson, table: sql`users.daily_counts`, key: sql`user_id, day, category` })
  await deleteInBatches({ ...ofPerson, table: sql`users.counted_days`, key: sql`user_id, day` })
  await database.run((db) =>
    db.execute(sql`
      with chosen as (delete from users.preferences where user_id = ${userId})
      delete from users.profiles where user_id = ${userId}`),
  )
}

const awaitAggregation = (tx: Queries) => tx.execute(sql`select from users.aggregation for update`)
