import { and, desc, eq, gt, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import type { Database, Queries } from '../../_lib/database.pg.ts'
import type { Provider } from '../provider.ts'
import { accounts, identities, refreshTokens, sessions } from '../schema.ts'
import type { LoginDeps } from './login.ts'
import type { ProviderIdentity } from './login-provider.ts'

const refreshIdleDays = 14
const sessionDaysMax = 60
const liveSessionsMax = 10

export function createSessionOpener(database: Database, createId: () => string): LoginDeps['openSession'] {
  return ({ provider, identity, client, deviceHash, refreshTokenHash }) =>
    database.transaction(async (tx) => {
      const account = await findOrCreateAccount(tx, provider, identity, createId())
      await makeRoom(tx, account.userId, deviceHash)
      const sessionId = createId()
      await tx.insert(sessions).values({
        sessionId,
        userId: account.userId,
        provider,
        client,
        deviceHash: deviceHash ?? null,
        createdAt: moment,
        authenticatedAt: moment,
        endsAt: sql`${moment} + make_interval(days => ${sessionDaysMax})`,
      })
      await tx.insert(refreshTokens).values({
        tokenHash: refreshTokenHash,
        sessionId,
        expiresAt: sql`${moment} + make_interval(days => ${refreshIdleDays})`,
      })
      return { ...account, sessionId }
    })
}

// Not the beginning of the transaction: one that waited for another would open a session before the one that it ends.
const moment = sql`statement_timestamp()`

/** Ends what the new session takes the place of. The lock on the account lets one login of a person count at a time. */
async function makeRoom(tx: Queries, userId: string, deviceHash: Buffer | undefined): Promise<void> {
  await tx.select({ userId: accounts.userId }).from(accounts).where(eq(accounts.userId, userId)).for('no key update')
  const ofPerson = and(eq(sessions.userId, userId), isNull(sessions.endedAt), gt(sessions.endsAt, moment))
  if (deviceHash) await endSessions(tx, and(ofPerson, eq(sessions.deviceHash, deviceHash)), 'replaced')
  const beyond = tx
    .select({ sessionId: sessions.sessionId })
    .from(sessions)
    .where(ofPerson)
    .orderBy(desc(sessions.createdAt), desc(sessions.sessionId))
    .offset(liveSessionsMax - 1)
  await endSessions(tx, inArray(sessions.sessionId, beyond), 'evicted')
}

async function endSessions(tx: Queries, where: SQL | undefined, reason: 'replaced' | 'evicted'): Promise<void> {
  await tx.update(sessions).set({ endedAt: moment, endReason: reason }).where(where)
}

/** The primary key of identities decides between two first logins of one person at the same time. */
async function findOrCreateAccount(tx: Queries, provider: Provider, identity: ProviderIdentity, newUserId: string) {
  const known = await touchIdentity(tx, provider, identity.subject)
  if (known) return { ...known, isNew: false }
  await tx.insert(accounts).values({ userId: newUserId, displayName: identity.displayName ?? null })
  const inserted = await tx
    .insert(identities)
    .values({ provider, subject: identity.subject, userId: newUserId })
    .onConflictDoNothing()
    .returning({ userId: identities.userId })
  if (inserted.length === 1) return { userId: newUserId, displayName: identity.displayName ?? null, isNew: true }
  await tx.delete(accounts).where(eq(accounts.userId, newUserId))
  const winner = await touchIdentity(tx, provider, identity.subject)
  if (!winner) throw new Error('An identity was neither inserted nor found')
  return { ...winner, isNew: false }
}

async function touchIdentity(tx: Queries, provider: Provider, subject: string) {
  const [identity] = await tx
    .update(identities)
    .set({ lastLoginAt: sql`now()` })
    .from(accounts)
    .where(
      and(eq(identities.provider, provider), eq(identities.subject, subject), eq(accounts.userId, identities.userId)),
    )
    .returning({ userId: accounts.userId, displayName: accounts.displayName })
  return identity
}
