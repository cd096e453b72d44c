import { eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Database, Queries } from '../../../_lib/stores/database.pg.ts'
import { accounts, refreshTokens, sessions } from '../../schema.ts'
import type { RefreshDeps, SpendOutcome } from '../refresh.ts'

const refreshIdleDays = 14
/** Long enough to repeat a request whose response was lost, too short to be of use to a thief. */
const graceSeconds = 10

/**
 * Spends a token in one transaction. The lock on its session orders concurrent uses, and only the clock of the database counts.
 * The refreshes of a session are counted here, so that their limit needs no other store.
 */
export function createTokenSpender(database: Database): RefreshDeps['spendToken'] {
  return ({ tokenHash, successorHash, deviceHash, refreshesPerHourMax }) =>
    database.transaction(async (tx): Promise<SpendOutcome> => {
      const token = await lockToken(tx, tokenHash)
      if (!token) return { kind: 'unknown' }
      const { sessionId, session } = token
      if (token.sessionEnded) return { kind: 'expired' }
      const sameDevice = token.deviceHash === null || deviceHash?.equals(token.deviceHash) === true
      if (token.spent) {
        // Only in a session with a device a repeated request can be told from a stolen token.
        if (token.inGrace && token.deviceHash !== null && sameDevice) return { kind: 'repeated', session }
        await endSession(tx, sessionId, 'token_reuse')
        return { kind: 'reused', sessionId }
      }
      if (!sameDevice) return { kind: 'other_device', sessionId }
      if (token.tokenExpired) return { kind: 'expired' }
      if (token.windowSeconds !== null && token.refreshesInWindow >= refreshesPerHourMax) {
        return { kind: 'too_many', retryAfterSeconds: Math.max(1, Math.ceil(token.windowSeconds)) }
      }
      // One statement keeps the lock short. Its parts touch different rows, so their order does not matter.
      await tx.execute(sql`
        with spent as (
          update auth.refresh_tokens set spent_at = clock_timestamp() where token_hash = ${tokenHash}
        ), traded as (
          insert into auth.refresh_tokens (token_hash, session_id, expires_at)
          values (${successorHash}, ${sessionId},
            least(now() + make_interval(days => ${refreshIdleDays}), ${session.endsAt.toISOString()}::timestamptz))
        )
        update auth.sessions set last_refreshed_at = now(),
          refresh_window_ends_at =
            case when ${token.windowSeconds === null} then now() + interval '1 hour' else refresh_window_ends_at end,
          refreshes_in_window = case when ${token.windowSeconds === null} then 1 else refreshes_in_window + 1 end
        where session_id = ${sessionId}`)
      return { kind: 'rotated', session }
    })
}

/**
 * Locks the session, which the lock order puts before its tokens, and then reads the token. By the builder in spite of the lock and the
 * `case`: ten columns of two tables, `bytea` and times among them, come with the types of schema.ts.
 */
async function lockToken(tx: Queries, tokenHash: Buffer) {
  const session = alias(sessions, 'session')
  const [locked] = await tx
    .select({
      sessionId: session.sessionId,
      userId: session.userId,
      displayName: accounts.displayName,
      endsAt: session.endsAt,
      deviceHash: session.deviceHash,
      refreshesInWindow: session.refreshesInWindow,
      /** Seconds that are left of the hour in which refreshes are counted; null when it is over. */
      windowSeconds: sql<number | null>`case when ${session.refreshWindowEndsAt} > clock_timestamp()
        then extract(epoch from ${session.refreshWindowEndsAt} - clock_timestamp())::float8 end`,
      sessionEnded: sql<boolean>`${session.endedAt} is not null or ${session.endsAt} <= clock_timestamp()`,
    })
    .from(refreshTokens)
    .innerJoin(session, eq(session.sessionId, refreshTokens.sessionId))
    .innerJoin(accounts, eq(accounts.userId, session.userId))
    .where(eq(refreshTokens.tokenHash, tokenHash))
    // `for … of` takes no schema-qualified name, so the table needs an alias.
    .for('no key update', { of: session })
  if (!locked) return undefined
  // A second statement: the first may have waited for the lock, and its snapshot is older.
  const [state] = await tx
    .select({
      spent: sql<boolean>`${refreshTokens.spentAt} is not null`,
      inGrace: sql<boolean>`coalesce(${refreshTokens.spentAt} > clock_timestamp() - make_interval(secs => ${graceSeconds}), false)`,
      tokenExpired: sql<boolean>`${refreshTokens.expiresAt} <= clock_timestamp()`,
    })
    .from(refreshTokens)
    .where(eq(refreshTokens.tokenHash, tokenHash))
  if (!state) return undefined
  const { userId, displayName, endsAt, ...ofSession } = locked
  return { ...state, ...ofSession, session: { sessionId: locked.sessionId, userId, displayName, endsAt } }
}

/** Ends a session that is locked and live. */
async function endSession(tx: Queries, sessionId: string, reason: string): Promise<void> {
  await tx.update(sessions).set({ endedAt: sql`now()`, endReason: reason }).where(eq(sessions.sessionId, sessionId))
}
