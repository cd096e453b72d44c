import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import { refreshTokens, sessions } from '../../schema.ts'
import type { LogoutDeps } from '../logout.ts'

/** Ends the session of a token. No transaction, since only the second statement writes; an unknown token costs one index lookup. */
export function createTokenSessionEnder(database: Database): LogoutDeps['endSessionOfToken'] {
  return (tokenHash) =>
    database.run(async (db) => {
      const [token] = await db
        .select({ sessionId: refreshTokens.sessionId })
        .from(refreshTokens)
        .where(eq(refreshTokens.tokenHash, tokenHash))
      if (!token) return undefined
      await db
        .update(sessions)
        .set({ endedAt: sql`now()`, endReason: 'logout' })
        .where(and(eq(sessions.sessionId, token.sessionId), isNull(sessions.endedAt)))
      return token.sessionId
    })
}
