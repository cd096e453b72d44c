import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/database.pg.ts'

/**
 * Removes account, provider links and sessions. The last step of a deletion, since after it nobody can tell whose the rest
 * was; safe to repeat. Of the sessions only the ids stay, until no access token of them can be in force.
 */
export function createAccountForgetter(database: Database): (userId: string) => Promise<void> {
  return (userId) =>
    database.transaction(async (tx) => {
      // A login that is about to open a session waits here, or that session would be gone without being remembered.
      await tx.execute(sql`select 1 from auth.accounts where user_id = ${userId} for update`)
      await tx.execute(sql`
        insert into auth.forgotten_sessions (session_id)
        select session_id from auth.sessions where user_id = ${userId}
        on conflict do nothing`)
      await tx.execute(sql`delete from auth.accounts where user_id = ${userId}`)
    })
}
