import { eq, sql } from 'drizzle-orm'
import type { Database, Queries } from '../../_lib/database.pg.ts'
import { accounts, refreshTokens, sessions } from '../schema.ts'
import type { RefreshDeps, SpendOutcome } from './refresh.ts'

const refreshIdleDays = 14
/** Long enough for an answer that was lost on a bad connection, too short to be of use to a thief. */
const graceSeconds = 10

/** Spends a token in one transaction. The lock on its row decides between two uses at once, the database clock the rest. */
export function createTokenSpender(database: Database): RefreshDeps['spendToken'] {
  return ({ tokenHash, successorHash, deviceHash }) =>
    database.transaction(async (tx): Promise<SpendOutcome> => {
      const token = await lockToken(tx, tokenHash)
      if (!token) return { kind: 'unknown' }
      const { sessionId, session } = token
      if (token.sessionOver) return { kind: 'expired' }
      const sameDevice = token.deviceHash === null || deviceHash?.equals(token.deviceHash) === true
      if (token.spent) {
        // Only a session that is bound to a device can tell its own repetition from a theft.
        if (token.inGrace && token.deviceHash !== null && sameDevice) return { kind: 'repeated', session }
        await endSession(tx, sessionId, 'token_reuse')
        return { kind: 'reused', sessionId }
      }
      if (!sameDevice) return { kind: 'other_device', sessionId }
      if (token.tokenOver) return { kind: 'expired' }
      await tx
        .update(refreshTokens)
        .set({ spentAt: sql`clock_timestamp()` })
        .where(eq(refreshTokens.tokenHash, tokenHash))
      await tx.insert(refreshTokens).values({
        tokenHash: successorHash,
        sessionId,
        expiresAt: sql`least(now() + make_interval(days => ${refreshIdleDays}), ${session.endsAt.toISOString()}::timestamptz)`,
      })
      await tx.update(sessions).set({ lastRefreshedAt: sql`now()` }).where(eq(sessions.sessionId, sessionId))
      return { kind: 'rotated', session }
    })
}

async function lockToken(tx: Queries, tokenHash: Buffer) {
  const [row] = await tx
    .select({
      sessionId: sessions.sessionId,
      userId: sessions.userId,
      displayName: accounts.displayName,
      endsAt: sessions.endsAt,
      deviceHash: sessions.deviceHash,
      spent: sql<boolean>`${refreshTokens.spentAt} is not null`,
      inGrace: sql<boolean>`coalesce(${refreshTokens.spentAt} > clock_timestamp() - make_interval(secs => ${graceSeconds}), false)`,
      tokenOver: sql<boolean>`${refreshTokens.expiresAt} <= clock_timestamp()`,
      sessionOver: sql<boolean>`${sessions.endedAt} is not null or ${sessions.endsAt} <= clock_timestamp()`,
    })
    .from(refreshTokens)
    .innerJoin(sessions, eq(sessions.sessionId, refreshTokens.sessionId))
    .innerJoin(accounts, eq(accounts.userId, sessions.userId))
    .where(eq(refreshTokens.tokenHash, tokenHash))
    .for('no key update')
  if (!row) return undefined
  const { sessionId, userId, displayName, endsAt, ...state } = row
  return { ...state, sessionId, session: { sessionId, userId, displayName, endsAt } }
}

export async function endSession(tx: Queries, sessionId: string, reason: string): Promise<void> {
  await tx
    .update(sessions)
    .set({ endedAt: sql`now()`, endReason: reason })
    .where(sql`${sessions.sessionId} = ${sessionId} and ${sessions.endedAt} is null`)
}
