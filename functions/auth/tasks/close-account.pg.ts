import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { deleteInBatches } from '../../_lib/stores/delete-in-batches.pg.ts'

/** Ends every session of a person and deletes their refresh tokens: the first step of an account deletion. Idempotent. */
export function createAccountCloser(
  database: Database,
  options: { batchRows?: number } = {},
): (userId: string, signal?: AbortSignal) => Promise<void> {
  return async (userId, signal) => {
    await database.transaction(async (tx) => {
      // Lock order: the account before its sessions.
      await tx.execute(sql`select from auth.accounts where user_id = ${userId} for no key update`)
      await tx.execute(sql`
        update auth.sessions set ended_at = now(), end_reason = 'account_deleted'
        where user_id = ${userId} and ended_at is null`)
    })
    await deleteInBatches({
      ...options,
      database,
      signal,
      table: sql`auth.refresh_tokens`,
      key: sql`token_hash`,
      where: sql`session_id in (select session_id from auth.sessions where user_id = ${userId})`,
    })
  }
}
