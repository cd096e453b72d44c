import { and, desc, eq, gt, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import type { Sealer } from '../../_lib/access/seal-text.ts'
import { currentContext } from '../../_lib/events/trace.ts'
import { appendEvent } from '../../_lib/messaging/outbox.pg.ts'
import type { Database, Queries } from '../../_lib/stores/database.pg.ts'
import { createProfileSyncCommand } from '../profile-sync-command.ts'
import { type Provider, providerProfiles } from '../provider.ts'
import { sealTokens } from '../provider-tokens.ts'
import { accounts, identities, refreshTokens, sessions } from '../schema.ts'
import type { LoginDeps } from './login.ts'
import type { ExchangedCode, ProviderIdentity } from './provider/login-provider.ts'

const refreshIdleDays = 14
const sessionDaysMax = 60
const liveSessionsMax = 10

/** Account deletion requires a login of the last five minutes; the rest is for an unlink command that is late. */
const tokensKeptMinutes = 30
/** Until the redriver publishes the command of a sync again. */
const quietSeconds = 120

export type SessionOpenerDeps = { database: Database; createId: () => string; sealer: Sealer; now: () => Date }

/** Creates the transaction that opens a session for an identity. */
export function createSessionOpener(deps: SessionOpenerDeps): LoginDeps['openSession'] {
  const { database, createId } = deps
  return ({ provider, identity, client, deviceHash, refreshTokenHash }) =>
    database.transaction(async (tx) => {
      const account = await findOrCreateAccount(tx, provider, identity, createId())
      await endReplacedSessions(tx, account.userId, deviceHash)
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
      await requestProfileSync(deps, tx, provider, identity, account.userId)
      return { ...account, sessionId }
    })
}

// Not now(), the start of the transaction: after waiting for a lock, the new session would be older than the one that it replaces.
const moment = sql`statement_timestamp()`

/** Ends the sessions of the device and the oldest beyond the limit. The locked account serializes the logins of a person. */
async function endReplacedSessions(tx: Queries, userId: string, deviceHash: Buffer | undefined): Promise<void> {
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

/** Stores the tokens that the sync needs, and requests it. The relay publishes the command, so that a login waits for no broker. */
async function requestProfileSync(
  deps: SessionOpenerDeps,
  tx: Queries,
  provider: Provider,
  { subject, tokens }: ExchangedCode,
  userId: string,
): Promise<void> {
  if (tokens) {
    await tx.execute(sql`
      insert into auth.provider_tokens (provider, subject, user_id, sealed, access_expires_at, kept_until)
      values (${provider}, ${subject}, ${userId}, ${sealTokens(deps.sealer, { provider, subject }, tokens)},
        ${moment} + make_interval(secs => ${tokens.expiresSeconds}),
        ${moment} + make_interval(mins => ${tokensKeptMinutes}))
      on conflict (provider, subject) do update
        set user_id = excluded.user_id, sealed = excluded.sealed, access_expires_at = excluded.access_expires_at,
          kept_until = excluded.kept_until`)
  } else if (providerProfiles[provider].needsTokens) return
  const sync = {
    syncId: deps.createId(),
    eventId: deps.createId(),
    traceparent: currentContext()?.traceparent ?? '',
  }
  await tx.execute(sql`
    insert into auth.profile_syncs (provider, subject, user_id, sync_id, event_id, traceparent, login_at, retry_at)
    values (${provider}, ${subject}, ${userId}, ${sync.syncId}, ${sync.eventId}, ${sync.traceparent}, ${moment},
      ${moment} + make_interval(secs => ${quietSeconds}))
    on conflict (provider, subject) do update
      set user_id = excluded.user_id, sync_id = excluded.sync_id, event_id = excluded.event_id,
        traceparent = excluded.traceparent, login_at = excluded.login_at, attempts = 0, retry_at = excluded.retry_at,
        ended_at = null, end_reason = null`)
  await appendEvent(tx, createProfileSyncCommand(sync, deps.now()), 0)
}

// Another transaction may create or delete the account between two statements; more than two such races in one login are an error.
const findOrCreateTriesMax = 3

/** Locks the account before its identity. The primary key of identities decides between concurrent first logins of one person. */
async function findOrCreateAccount(tx: Queries, provider: Provider, identity: ProviderIdentity, newUserId: string) {
  for (let tried = 0; tried < findOrCreateTriesMax; tried += 1) {
    const known = await lockAccount(tx, provider, identity.subject)
    if (known) return { ...known, isNew: false }
    const displayName = identity.displayName ?? null
    await tx.insert(accounts).values({ userId: newUserId, displayName })
    const inserted = await tx
      .insert(identities)
      .values({ provider, subject: identity.subject, userId: newUserId })
      .onConflictDoNothing()
      .returning({ userId: identities.userId })
    if (inserted.length === 1) return { userId: newUserId, displayName, isNew: true }
    await tx.delete(accounts).where(eq(accounts.userId, newUserId))
  }
  throw new Error('An identity was neither inserted nor found')
}

/** Finds the account by the identity without a lock on it, locks the account, and records the login at the identity. */
async function lockAccount(tx: Queries, provider: Provider, subject: string) {
  const { rows } = await tx.execute<{ userId: string; displayName: string | null }>(sql`
    select user_id as "userId", display_name as "displayName"
    from auth.identities join auth.accounts using (user_id)
    where provider = ${provider} and subject = ${subject}
    for no key update of accounts`)
  const [account] = rows
  if (!account) return undefined
  await tx
    .update(identities)
    .set({ lastLoginAt: sql`now()` })
    .where(and(eq(identities.provider, provider), eq(identities.subject, subject)))
  return account
}
