import { sql } from 'drizzle-orm'
import type { Database, Queries } from '../../_lib/stores/database.pg.ts'
import { type RequestUnlinksDeps, requestUnlinks } from './provider-unlinks.pg.ts'

const batchRowsDefault = 500

/**
 * Deletes account, identities and sessions: the last step of an account deletion, since afterwards nothing links rows of other
 * domains to the person. Idempotent. The ids of the sessions are kept until their access tokens have expired. The unlink commands
 * are written in the same transaction, so that no link is lost and the deletion waits for no provider.
 */
export function createAccountForgetter(
  deps: RequestUnlinksDeps & { database: Database; batchRows?: number },
): (userId: string, signal?: AbortSignal) => Promise<void> {
  const { database, batchRows = batchRowsDefault } = deps
  return async (userId, signal) => {
    const forgetBatch = () =>
      database.transaction(async (tx) => {
        // A login that opens a session at this moment waits here; otherwise its session would be deleted without its id being kept.
        await tx.execute(sql`select 1 from auth.accounts where user_id = ${userId} for update`)
        if ((await forgetSessions(tx, userId, batchRows)) === batchRows) return 'more'
        await requestUnlinks(tx, deps, userId)
        await tx.execute(sql`delete from auth.accounts where user_id = ${userId}`)
        return 'done'
      })
    while ((await forgetBatch()) === 'more') signal?.throwIfAborted()
  }
}

async function forgetSessions(tx: Queries, userId: string, rowsMax: number): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    with removed as (
      delete from auth.sessions where session_id in (
        select session_id from auth.sessions where user_id = ${userId} limit ${rowsMax} for update)
      returning session_id
    ), remembered as (
      insert into auth.forgotten_sessions (session_id) select session_id from removed on conflict do nothing
    )
    select from removed`)
  return rowCount ?? 0
}
