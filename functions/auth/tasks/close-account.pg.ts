import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/database.pg.ts'

/** Ends every session of the person and makes their refresh tokens worthless. The first step of a deletion; safe to repeat. */
export function createAccountCloser(database: Database): (userId: string) => Promise<void> {
  return (userId) =>
    database.transaction(async (tx) => {
      await tx.execute(sql`
        update auth.sessions set ended_at = now(), end_reason = 'account_deleted'
        where user_id = ${userId} and ended_at is null`)
      await tx.execute(sql`
        delete from auth.refresh_tokens using auth.sessions
        where sessions.session_id = refresh_tokens.session_id and sessions.user_id = ${userId}`)
    })
}
