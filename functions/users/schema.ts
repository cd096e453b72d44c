import { sql } from 'drizzle-orm'
import { boolean, check, date, index, integer, jsonb, pgSchema, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { moment, transactionId } from '../_lib/stores/columns.pg.ts'
import type { Language, Notifications } from './preferences.ts'

const users = pgSchema('users')

/** A person without a row has never changed anything: version 0. */
export const profiles = users.table(
  'profiles',
  {
    userId: uuid('user_id').primaryKey(),
    displayName: text('display_name').notNull(),
    version: integer('version').notNull().default(1),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [check('profiles_display_name_check', sql`char_length(${table.displayName}) between 1 and 40`)],
)

export const preferences = users.table(
  'preferences',
  {
    userId: uuid('user_id').primaryKey(),
    language: text('language').$type<Language>().notNull(),
    notifications: jsonb('notifications').$type<Partial<Notifications>>().notNull(),
    /** Code of a 시군구, for local sorting rules. */
    region: text('region'),
    version: integer('version').notNull().default(1),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [
    check('preferences_language_check', sql`${table.language} in ('ko', 'en')`),
    check('preferences_region_check', sql`${table.region} ~ '^[0-9]{5}$'`),
  ],
)

export const dailyCounts = users.table(
  'daily_counts',
  {
    userId: uuid('user_id').notNull(),
    /** Of Asia/Seoul. */
    day: date('day', { mode: 'string' }).notNull(),
    category: text('category').notNull(),
    analyses: integer('analyses').notNull(),
    recyclable: integer('recyclable').notNull(),
  },
  (table) => [
    primaryKey({ name: 'daily_counts_pkey', columns: [table.userId, table.day, table.category] }),
    check('daily_counts_analyses_check', sql`${table.analyses} > 0`),
    check('daily_counts_check', sql`${table.recyclable} between 0 and ${table.analyses}`),
  ],
)

/** The change that the counts of a day include. A day whose last change is another one is counted anew by every reader. */
export const countedDays = users.table(
  'counted_days',
  {
    userId: uuid('user_id').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    countedIn: transactionId('counted_in').notNull(),
  },
  (table) => [primaryKey({ name: 'counted_days_pkey', columns: [table.userId, table.day] })],
)

/** One row: how far the changes are counted. Its lock lets one run at a time through. */
export const aggregation = users.table(
  'aggregation',
  {
    onlyRow: boolean('only_row').primaryKey().default(true),
    changedIn: transactionId('changed_in').notNull().default('0'),
    userId: uuid('user_id').notNull().default('00000000-0000-0000-0000-000000000000'),
    day: date('day', { mode: 'string' }).notNull().default('-infinity'),
    dueAt: moment('due_at').notNull().default(sql`'-infinity'`),
  },
  (table) => [check('aggregation_only_row_check', sql`${table.onlyRow}`)],
)

export const deletions = users.table(
  'deletions',
  {
    deletionId: uuid('deletion_id').primaryKey(),
    /** Forgotten after the last sweep; the hash stays, to prove that a deletion was carried out. */
    userId: uuid('user_id').unique('deletions_user_id_key'),
    userHash: text('user_hash').notNull(),
    eventId: uuid('event_id').notNull(),
    traceparent: text('traceparent').notNull(),
    requestedAt: moment('requested_at').notNull().defaultNow(),
    /** Sent again unless it has completed by then. */
    retryAt: moment('retry_at').notNull().default(sql`now() + interval '15 seconds'`),
    attempts: integer('attempts').notNull().default(0),
    completedAt: moment('completed_at'),
    /** How `userHash` was made. A receipt that is a plain hash of the id cannot be made anew: it does not say whose it is. */
    hashedWith: text('hashed_with').$type<'sha256' | 'hmac-sha256'>().notNull().default('sha256'),
  },
  (table) => [
    index('deletions_open').on(table.retryAt).where(sql`${table.userId} is not null`),
    check('deletions_user_hash_check', sql`${table.userHash} ~ '^[0-9a-f]{64}$'`),
    check('deletions_hashed_with_check', sql`${table.hashedWith} in ('sha256', 'hmac-sha256')`),
    check('deletions_check', sql`${table.completedAt} is not null or ${table.userId} is not null`),
  ],
)
