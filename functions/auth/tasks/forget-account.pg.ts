import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/database.pg.ts'
import { type OrderUnlinksDeps, orderUnlinks } from './provider-unlinks.pg.ts'

/**
 * Removes account, provider links and sessions. The last step of a deletion, since after it nobody can tell whose the rest
 * was; safe to repeat. Of the sessions only the ids stay, until no access token of them can be in force. What the providers need
 * to forget the links is written in the same transaction, so that neither a link is lost nor a provider waited for.
 */
export function createAccountForgetter(
  deps: OrderUnlinksDeps & { database: Database },
): (userId: string) => Promise<void> {
  return (userId) =>
    deps.database.transaction(async (tx) => {
      // A login that is about to open a session waits here, or that session would be gone without being remembered.
      await tx.execute(sql`select 1 from auth.accounts where user_id = ${userId} for update`)
      await orderUnlinks(tx, deps, userId)
      await tx.execute(sql`
        insert into auth.forgotten_sessions (session_id)
        select session_id from auth.sessions where user_id = ${userId}
        on conflict do nothing`)
      await tx.execute(sql`delete from auth.accounts where user_id = ${userId}`)
    })
}
