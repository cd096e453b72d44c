import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'

/** Rows that one run has deleted. */
export type ExpiredAuth = {
  loginAttempts: number
  refreshTokens: number
  sessions: number
  forgottenSessions: number
  /** False when the run has met its bound: there may be more. */
  finished: boolean
}

export type AuthExpirerOptions = {
  /** Of one statement, which is one transaction. */
  batchRows?: number
  /** Of one run, for each table. */
  batchesMax?: number
}

const batchRowsDefault = 1_000
const batchesMaxDefault = 100
const countedRowsMax = 1_000_000

const attemptIsOver = sql`login_attempts.expires_at < now() - interval '1 day'`
const sessionIsOver = sql`sessions.created_at < now() - interval '90 days' and sessions.ends_at < now()`
const forgottenIsOver = sql`forgotten_sessions.ended_at < now() - interval '1 hour'`

/**
 * Deletes what nobody can use any more: attempts a day after they closed, refresh tokens and sessions 90 days after the session
 * began (it lives for 60), ids of forgotten sessions after an hour, when every access token of them is long over. Safe to
 * repeat, and to run twice at once.
 */
export function createAuthExpirer(database: Database, options: AuthExpirerOptions = {}): () => Promise<ExpiredAuth> {
  const batchRows = options.batchRows ?? batchRowsDefault
  const batchesMax = options.batchesMax ?? batchesMaxDefault

  return async () => {
    let finished = true
    const deleteAll = async (batch: SQL): Promise<number> => {
      let rows = 0
      for (let count = 0; count < batchesMax; count += 1) {
        const { rowCount } = await database.run((db) => db.execute(batch))
        rows += rowCount ?? 0
        if ((rowCount ?? 0) < batchRows) return rows
      }
      finished = false
      return rows
    }
    const loginAttempts = await deleteAll(sql`
      delete from auth.login_attempts where login_attempt_id in (
        select login_attempt_id from auth.login_attempts where ${attemptIsOver}
        order by expires_at limit ${batchRows} for update skip locked)`)
    // Tokens first, and sessions only without any: deleting a session would take thousands of tokens along at once.
    const refreshTokens = await deleteAll(sql`
      delete from auth.refresh_tokens where token_hash in (
        select token_hash from auth.refresh_tokens join auth.sessions using (session_id)
        where ${sessionIsOver}
        limit ${batchRows} for update of refresh_tokens skip locked)`)
    const sessions = await deleteAll(sql`
      delete from auth.sessions where session_id in (
        select session_id from auth.sessions
        where ${sessionIsOver}
          and not exists (select from auth.refresh_tokens where refresh_tokens.session_id = sessions.session_id)
        order by created_at limit ${batchRows} for update skip locked)`)
    const forgottenSessions = await deleteAll(sql`
      delete from auth.forgotten_sessions where session_id in (
        select session_id from auth.forgotten_sessions where ${forgottenIsOver}
        order by ended_at limit ${batchRows} for update skip locked)`)
    return { loginAttempts, refreshTokens, sessions, forgottenSessions, finished }
  }
}

/** Counts what a run would delete, and deletes nothing. */
export function createExpiredAuthCounter(database: Database): () => Promise<Omit<ExpiredAuth, 'finished'>> {
  const count = async (rows: SQL): Promise<number> => {
    const counted = sql`select count(*)::int as count from (select ${rows} limit ${countedRowsMax}) as expired`
    const result = await database.run((db) => db.execute<{ count: number }>(counted))
    return result.rows[0]?.count ?? 0
  }
  return async () => ({
    loginAttempts: await count(sql`from auth.login_attempts where ${attemptIsOver}`),
    refreshTokens: await count(
      sql`from auth.refresh_tokens join auth.sessions using (session_id) where ${sessionIsOver}`,
    ),
    // With those whose tokens a run would delete before them.
    sessions: await count(sql`from auth.sessions where ${sessionIsOver}`),
    forgottenSessions: await count(sql`from auth.forgotten_sessions where ${forgottenIsOver}`),
  })
}
