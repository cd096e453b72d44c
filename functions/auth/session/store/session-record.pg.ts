import { and, desc, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import type { Provider } from '../../provider.ts'
import { accounts, sessions } from '../../schema.ts'

/** A session as the person sees it. */
export type SessionRecord = {
  sessionId: string
  userId: string
  displayName: string | null
  provider: Provider | null
  client: 'app' | 'web'
  createdAt: Date
  authenticatedAt: Date
  lastRefreshedAt: Date | null
  endsAt: Date
}

const columns = {
  sessionId: sessions.sessionId,
  userId: sessions.userId,
  displayName: accounts.displayName,
  provider: sessions.provider,
  client: sessions.client,
  createdAt: sessions.createdAt,
  authenticatedAt: sessions.authenticatedAt,
  lastRefreshedAt: sessions.lastRefreshedAt,
  endsAt: sessions.endsAt,
}

/** Sessions in PostgreSQL, their source of truth. Only live ones are found. */
export function createSessionRecords(database: Database) {
  const live = and(isNull(sessions.endedAt), gt(sessions.endsAt, sql`now()`))
  const select = (where: ReturnType<typeof and>) =>
    database.run((db) =>
      db
        .select(columns)
        .from(sessions)
        .innerJoin(accounts, eq(accounts.userId, sessions.userId))
        .where(and(live, where))
        .orderBy(desc(sessions.createdAt)),
    )
  return {
    find: async (sessionId: string): Promise<SessionRecord | undefined> => {
      const [record] = await select(eq(sessions.sessionId, sessionId))
      return record
    },
    list: (userId: string): Promise<SessionRecord[]> => select(eq(sessions.userId, userId)),
    /** Ends a session of the person. Resolves to false when the person has no such live session. */
    end: async (sessionId: string, userId: string, reason: string): Promise<boolean> => {
      const { rowCount } = await database.run((db) =>
        db
          .update(sessions)
          .set({ endedAt: sql`now()`, endReason: reason })
          .where(and(live, eq(sessions.sessionId, sessionId), eq(sessions.userId, userId))),
      )
      return rowCount === 1
    },
  }
}
