import { sql } from 'drizzle-orm'
import type { Database } from './database.pg.ts'
import type { Logger } from './log.ts'

/** Whether a session is over, by a list that is at most a minute old. */
export type IsSessionEnded = (sessionId: string) => Promise<boolean>

export type EndedSessionsOptions = { database: Database; log: Logger; nowMs?: () => number }

const refreshAfterMs = 20_000
const awaitAfterMs = 45_000

/**
 * Keeps the sessions that ended lately in memory, since a signed token says nothing of a logout. Read in the background while
 * requests come, so that no request waits for it but the first after a pause. While PostgreSQL is away the last list stays in
 * force: refusing everybody would turn a fault of one store into a fault of all.
 */
export function createEndedSessions(options: EndedSessionsOptions): IsSessionEnded {
  const nowMs = options.nowMs ?? Date.now
  let ended: ReadonlySet<string> = new Set()
  let readAtMs = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  const read = async () => {
    const startedMs = nowMs()
    try {
      const { rows } = await options.database.run((db) =>
        db.execute<{ session_id: string }>(sql`select session_id from auth.ended_sessions_v1`),
      )
      ended = new Set(rows.map((row) => row.session_id))
    } catch (error) {
      options.log.warn('The ended sessions could not be read; the last list stays in force', { error })
    }
    readAtMs = startedMs
    reading = undefined
  }

  return async (sessionId) => {
    const ageMs = nowMs() - readAtMs
    if (ageMs > refreshAfterMs) {
      reading ??= read()
      if (ageMs > awaitAfterMs) await reading
    }
    return ended.has(sessionId)
  }
}
