import { type SQL, sql } from 'drizzle-orm'
import { countRows } from '../../_lib/stores/count-rows.pg.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'

/** Rows that one run has deleted. */
export type ExpiredAuth = {
  loginAttempts: number
  refreshTokens: number
  sessions: number
  forgottenSessions: number
  /** False when the run stopped at `batchesMax`: more rows may be left. */
  finished: boolean
}

export type AuthExpirerOptions = {
  /** Rows of one statement, which is one transaction. */
  batchRows?: number
  /** Batches of one run, for each table. */
  batchesMax?: number
}

const batchRowsDefault = 1_000
const batchesMaxDefault = 100

const attemptExpired = sql`login_attempts.expires_at < now() - interval '1 day'`
const sessionExpired = sql`sessions.created_at < now() - interval '90 days' and sessions.ends_at < now()`
const forgottenExpired = sql`forgotten_sessions.ended_at < now() - interval '1 hour'`

/**
 * Deletes expired rows: attempts a day after their end, refresh tokens and sessions 90 days after the session began (it lives for
 * 60 at most), ids of forgotten sessions after an hour, when all of their access tokens have expired. Idempotent; several runs at
 * once do not block each other.
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
        select login_attempt_id from auth.login_attempts where ${attemptExpired}
        order by expires_at limit ${batchRows} for update skip locked)`)
    // Tokens first, then sessions without any: deleting a session cascades to its tokens, which may be thousands.
    const refreshTokens = await deleteAll(sql`
      delete from auth.refresh_tokens where token_hash in (
        select token_hash from auth.refresh_tokens join auth.sessions using (session_id)
        where ${sessionExpired}
        limit ${batchRows} for update of refresh_tokens skip locked)`)
    const sessions = await deleteAll(sql`
      delete from auth.sessions where session_id in (
        select session_id from auth.sessions
        where ${sessionExpired}
          and not exists (select from auth.refresh_tokens where refresh_tokens.session_id = sessions.session_id)
        order by created_at limit ${batchRows} for update skip locked)`)
    const forgottenSessions = await deleteAll(sql`
      delete from auth.forgotten_sessions where session_id in (
        select session_id from auth.forgotten_sessions where ${forgottenExpired}
        order by ended_at limit ${batchRows} for update skip locked)`)
    return { loginAttempts, refreshTokens, sessions, forgottenSessions, finished }
  }
}

/** Counts what a run would delete, and deletes nothing. */
export function createExpiredAuthCounter(database: Database): () => Promise<Omit<ExpiredAuth, 'finished'>> {
  const count = (from: SQL) => countRows(database, from)
  return async () => ({
    loginAttempts: await count(sql`from auth.login_attempts where ${attemptExpired}`),
    refreshTokens: await count(
      sql`from auth.refresh_tokens join auth.sessions using (session_id) where ${sessionExpired}`,
    ),
    // Including sessions whose tokens a run would delete first.
    sessions: await count(sql`from auth.sessions where ${sessionExpired}`),
    forgottenSessions: await count(sql`from auth.forgotten_sessions where ${forgottenExpired}`),
  })
}
