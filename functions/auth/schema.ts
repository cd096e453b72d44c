import { customType, integer, pgSchema, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { Provider } from './provider.ts'

const auth = pgSchema('auth')
const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const moment = (name: string) => timestamp(name, { withTimezone: true })

export const accounts = auth.table('accounts', {
  userId: uuid('user_id').primaryKey(),
  displayName: text('display_name'),
  createdAt: moment('created_at').notNull().defaultNow(),
  pictureUrl: text('picture_url'),
  /** The login for which the profile was read at the provider last. */
  profileAsOf: moment('profile_as_of'),
})

export const identities = auth.table(
  'identities',
  {
    provider: text('provider').$type<Provider>().notNull(),
    subject: text('subject').notNull(),
    userId: uuid('user_id').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
    lastLoginAt: moment('last_login_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.provider, table.subject] })],
)

export const loginAttempts = auth.table('login_attempts', {
  loginAttemptId: uuid('login_attempt_id').primaryKey(),
  provider: text('provider').$type<Provider>().notNull(),
  state: text('state').notNull(),
  nonce: text('nonce').notNull(),
  codeVerifier: text('code_verifier').notNull(),
  redirectUri: text('redirect_uri').notNull(),
  expiresAt: moment('expires_at').notNull(),
  consumedAt: moment('consumed_at'),
})

export const sessions = auth.table('sessions', {
  sessionId: uuid('session_id').primaryKey(),
  userId: uuid('user_id').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  endsAt: moment('ends_at').notNull(),
  endedAt: moment('ended_at'),
  endReason: text('end_reason'),
  deviceHash: bytes('device_hash'),
  client: text('client').$type<'app' | 'web'>().notNull().default('app'),
  provider: text('provider').$type<Provider>(),
  authenticatedAt: moment('authenticated_at').notNull().defaultNow(),
  lastRefreshedAt: moment('last_refreshed_at'),
  refreshWindowEndsAt: moment('refresh_window_ends_at'),
  refreshesInWindow: integer('refreshes_in_window').notNull().default(0),
})

export const refreshTokens = auth.table('refresh_tokens', {
  tokenHash: bytes('token_hash').primaryKey(),
  sessionId: uuid('session_id').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  expiresAt: moment('expires_at').notNull(),
  spentAt: moment('spent_at'),
})
