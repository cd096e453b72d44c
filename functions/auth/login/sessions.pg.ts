import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Database, Queries } from '../../_lib/database.pg.ts'
import type { Provider } from '../provider.ts'
import { accounts, identities, loginAttempts, refreshTokens, sessions } from '../schema.ts'
import type { BeginLoginDeps } from './begin-login.ts'
import type { LoginDeps } from './login.ts'
import type { ProviderIdentity } from './login-provider.ts'

const refreshIdleDays = 14
const sessionDaysMax = 60

export function createAttemptInserter(database: Database): BeginLoginDeps['insertAttempt'] {
  return async (attempt, expiresSeconds) => {
    await database.run((db) =>
      db.insert(loginAttempts).values({ ...attempt, expiresAt: sql`now() + make_interval(secs => ${expiresSeconds})` }),
    )
  }
}

export function createAttemptConsumer(database: Database): LoginDeps['consumeAttempt'] {
  return async (loginAttemptId, provider) => {
    const [attempt] = await database.run((db) =>
      db
        .update(loginAttempts)
        .set({ consumedAt: sql`now()` })
        .where(
          and(
            eq(loginAttempts.loginAttemptId, loginAttemptId),
            eq(loginAttempts.provider, provider),
            isNull(loginAttempts.consumedAt),
            gt(loginAttempts.expiresAt, sql`now()`),
          ),
        )
        .returning(),
    )
    return attempt
  }
}

export function createSessionOpener(database: Database, createId: () => string): LoginDeps['openSession'] {
  return (provider, identity, refreshToken) =>
    database.transaction(async (tx) => {
      const account = await findOrCreateAccount(tx, provider, identity, createId())
      const sessionId = createId()
      await tx.insert(sessions).values({
        sessionId,
        userId: account.userId,
        endsAt: sql`now() + make_interval(days => ${sessionDaysMax})`,
      })
      await tx.insert(refreshTokens).values({
        tokenHash: refreshToken.hash,
        sessionId,
        expiresAt: sql`now() + make_interval(days => ${refreshIdleDays})`,
      })
      return { ...account, sessionId }
    })
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
