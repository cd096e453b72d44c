import { sql } from 'drizzle-orm'
import { check, index, integer, type PgColumn, pgSchema, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytes, moment } from '../_lib/stores/columns.pg.ts'
import type { Provider } from './provider.ts'

// Over 200 lines: drizzle-kit and a reader find all tables of a domain in one file.
const auth = pgSchema('auth')
const providerCheck = (name: string, provider: PgColumn) =>
  check(name, sql`${provider} in ('kakao', 'naver', 'google')`)

export const accounts = auth.table(
  'accounts',
  {
    userId: uuid('user_id').primaryKey(),
    displayName: text('display_name'),
    createdAt: moment('created_at').notNull().defaultNow(),
    pictureUrl: text('picture_url'),
    /** The login for which the profile was read at the provider last; an earlier one must not overwrite it. */
    profileAsOf: moment('profile_as_of'),
  },
  (table) => [
    check(
      'accounts_picture_url_check',
      sql`${table.pictureUrl} ~ '^https://' and char_length(${table.pictureUrl}) <= 2048`,
    ),
  ],
)

const accountOf = () =>
  uuid('user_id')
    .notNull()
    .references(() => accounts.userId, { onDelete: 'cascade' })

export const identities = auth.table(
  'identities',
  {
    provider: text('provider').$type<Provider>().notNull(),
    /** Text, since Kakao's ids exceed 2^53. */
    subject: text('subject').notNull(),
    userId: accountOf(),
    createdAt: moment('created_at').notNull().defaultNow(),
    lastLoginAt: moment('last_login_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'identities_pkey', columns: [table.provider, table.subject] }),
    index('identities_user').on(table.userId),
    providerCheck('identities_provider_check', table.provider),
  ],
)

export const loginAttempts = auth.table(
  'login_attempts',
  {
    loginAttemptId: uuid('login_attempt_id').primaryKey(),
    provider: text('provider').$type<Provider>().notNull(),
    state: text('state').notNull(),
    nonce: text('nonce').notNull(),
    codeVerifier: text('code_verifier').notNull(),
    redirectUri: text('redirect_uri').notNull(),
    expiresAt: moment('expires_at').notNull(),
    consumedAt: moment('consumed_at'),
  },
  (table) => [
    index('login_attempts_expiry').on(table.expiresAt),
    providerCheck('login_attempts_provider_check', table.provider),
  ],
)

export const sessions = auth.table(
  'sessions',
  {
    sessionId: uuid('session_id').primaryKey(),
    userId: accountOf(),
    createdAt: moment('created_at').notNull().defaultNow(),
    /** The absolute end; a sliding refresh never moves it. */
    endsAt: moment('ends_at').notNull(),
    endedAt: moment('ended_at'),
    endReason: text('end_reason'),
    /** SHA-256 of what the app calls its device; a refresh token works only on the device it was given to. */
    deviceHash: bytes('device_hash'),
    client: text('client').$type<'app' | 'web'>().notNull().default('app'),
    provider: text('provider').$type<Provider>(),
    /** When the person last proved who they are, which a refresh does not. */
    authenticatedAt: moment('authenticated_at').notNull().defaultNow(),
    lastRefreshedAt: moment('last_refreshed_at'),
    /** The hour in which refreshes are counted, and how many there were; the first refresh after it begins another. */
    refreshWindowEndsAt: moment('refresh_window_ends_at'),
    refreshesInWindow: integer('refreshes_in_window').notNull().default(0),
  },
  (table) => [
    index('sessions_user').on(table.userId),
    index('sessions_live').on(table.userId, table.createdAt).where(sql`${table.endedAt} is null`),
    index('sessions_ended').on(table.endedAt).where(sql`${table.endedAt} is not null`),
    index('sessions_created').on(table.createdAt),
    check('sessions_device_hash_check', sql`octet_length(${table.deviceHash}) = 32`),
    check('sessions_client_check', sql`${table.client} in ('app', 'web')`),
    providerCheck('sessions_provider_check', table.provider),
  ],
)

export const refreshTokens = auth.table(
  'refresh_tokens',
  {
    /** SHA-256 of the token; the token itself is never stored. */
    tokenHash: bytes('token_hash').primaryKey(),
    sessionId: uuid('session_id')
      .notNull()
      .references(() => sessions.sessionId, { onDelete: 'cascade' }),
    createdAt: moment('created_at').notNull().defaultNow(),
    expiresAt: moment('expires_at').notNull(),
    spentAt: moment('spent_at'),
  },
  (table) => [
    index('refresh_tokens_session').on(table.sessionId),
    check('refresh_tokens_token_hash_check', sql`octet_length(${table.tokenHash}) = 32`),
  ],
)

/** Sessions of accounts that are gone: their access tokens must be refused until they expire by themselves. */
export const forgottenSessions = auth.table(
  'forgotten_sessions',
  {
    sessionId: uuid('session_id').primaryKey(),
    endedAt: moment('ended_at').notNull().defaultNow(),
  },
  (table) => [index('forgotten_sessions_ended').on(table.endedAt)],
)

/** Tokens of a provider, sealed, for as long as a fresh login allows a deletion. Kakao needs none. */
export const providerTokens = auth.table(
  'provider_tokens',
  {
    provider: text('provider').$type<Provider>().notNull(),
    subject: text('subject').notNull(),
    userId: accountOf(),
    sealed: bytes('sealed').notNull(),
    accessExpiresAt: moment('access_expires_at').notNull(),
    keptUntil: moment('kept_until').notNull(),
  },
  (table) => [
    primaryKey({ name: 'provider_tokens_pkey', columns: [table.provider, table.subject] }),
    index('provider_tokens_user').on(table.userId),
    index('provider_tokens_kept').on(table.keptUntil),
    providerCheck('provider_tokens_provider_check', table.provider),
  ],
)

/** The last command to read a profile, one for each identity: a later login takes the place of an earlier one. */
export const profileSyncs = auth.table(
  'profile_syncs',
  {
    provider: text('provider').$type<Provider>().notNull(),
    subject: text('subject').notNull(),
    userId: accountOf(),
    syncId: uuid('sync_id').notNull().unique('profile_syncs_sync_id_key'),
    eventId: uuid('event_id').notNull(),
    traceparent: text('traceparent').notNull(),
    loginAt: moment('login_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** When its event is sent again, unless it has ended by then. */
    retryAt: moment('retry_at').notNull(),
    endedAt: moment('ended_at'),
    endReason: text('end_reason'),
  },
  (table) => [
    primaryKey({ name: 'profile_syncs_pkey', columns: [table.provider, table.subject] }),
    index('profile_syncs_user').on(table.userId),
    index('profile_syncs_due').on(table.retryAt).where(sql`${table.endedAt} is null`),
    providerCheck('profile_syncs_provider_check', table.provider),
    check('profile_syncs_check', sql`(${table.endedAt} is null) = (${table.endReason} is null)`),
  ],
)

/**
 * Links that a provider has yet to forget, with what that needs and nothing else. A row goes when it is done; one that was
 * given up stays as a record, without saying whose it was.
 */
export const providerUnlinks = auth.table(
  'provider_unlinks',
  {
    unlinkId: uuid('unlink_id').primaryKey(),
    eventId: uuid('event_id').notNull(),
    traceparent: text('traceparent').notNull(),
    provider: text('provider').$type<Provider>().notNull(),
    subject: text('subject'),
    sealed: bytes('sealed'),
    accessExpiresAt: moment('access_expires_at'),
    orderedAt: moment('ordered_at').notNull().defaultNow(),
    attempts: integer('attempts').notNull().default(0),
    retryAt: moment('retry_at').notNull(),
    endedAt: moment('ended_at'),
    endReason: text('end_reason'),
  },
  (table) => [
    index('provider_unlinks_due').on(table.retryAt).where(sql`${table.endedAt} is null`),
    index('provider_unlinks_ended').on(table.endedAt).where(sql`${table.endedAt} is not null`),
    providerCheck('provider_unlinks_provider_check', table.provider),
    check('provider_unlinks_check', sql`(${table.endedAt} is null) = (${table.endReason} is null)`),
    check('provider_unlinks_check1', sql`(${table.subject} is null) = (${table.endedAt} is not null)`),
    check('provider_unlinks_check2', sql`${table.endedAt} is null or ${table.sealed} is null`),
  ],
)

/** Keys that tokens must not be believed by any more, although a process may still have them. Written by hand, in an emergency. */
export const revokedKeys = auth.table(
  'revoked_keys',
  {
    keyId: text('key_id').primaryKey(),
    reason: text('reason').notNull(),
    revokedAt: moment('revoked_at').notNull().defaultNow(),
  },
  (table) => [check('revoked_keys_key_id_check', sql`${table.keyId} <> ''`)],
)
