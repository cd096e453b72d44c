import { sql } from 'drizzle-orm'
import type { Queries } from '../_lib/database.pg.ts'

/**
 * Deletes what this domain keeps of a person, in the transaction of the caller. To be called after the results are gone. A run
 * that counts days at this moment is awaited, so that it cannot write the counts back.
 */
export async function deletePerson(tx: Queries, userId: string): Promise<void> {
  await tx.execute(sql`select from users.aggregation for update`)
  await tx.execute(sql`
    with counts as (delete from users.daily_counts where user_id = ${userId}),
      days as (delete from users.counted_days where user_id = ${userId}),
      chosen as (delete from users.preferences where user_id = ${userId})
    delete from users.profiles where user_id = ${userId}`)
}
