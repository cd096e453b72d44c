import { sql } from 'drizzle-orm'
import type { Database, Queries } from '../../_lib/stores/database.pg.ts'
import { type OrderUnlinksDeps, orderUnlinks } from './provider-unlinks.pg.ts'

const batchRowsDefault = 500

/**
 * Removes account, provider links and sessions. The last step of a deletion, since after it nobody can tell whose the rest
 * was; safe to repeat. Of the sessions only the ids stay, until no access token of them can be in force. What the providers need
 * to forget the links is written in the same transaction, so that neither a link is lost nor a provider waited for.
 */
export function createAccountForgetter(
  deps: OrderUnlinksDeps & { database: Database; batchRows?: number },
): (userId: string, signal?: AbortSignal) => Promise<void> {
  const { database, batchRows = batchRowsDefault } = deps
  return async (userId, signal) => {
    const forgetBatch = () =>
      database.transaction(async (tx) => {
        // A login that is about to open a session waits here, or that session would be gone without being remembered.
        await tx.execute(sql`select 1 from auth.accounts where user_id = ${userId} for update`)
        if ((await forgetSessions(tx, userId, batchRows)) === batchRows) return 'more'
        await orderUnlinks(tx, deps, userId)
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
