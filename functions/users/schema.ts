import { customType, date, integer, jsonb, pgSchema, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { Language, Notifications } from './preferences.ts'

const users = pgSchema('users')
const moment = (name: string) => timestamp(name, { withTimezone: true })
/** A transaction that never comes again, as text: it does not fit into a number. */
const transactionId = customType<{ data: string }>({ dataType: () => 'xid8' })

export const profiles = users.table('profiles', {
  userId: uuid('user_id').primaryKey(),
  displayName: text('display_name').notNull(),
  version: integer('version').notNull().default(1),
  updatedAt: moment('updated_at').notNull().defaultNow(),
})

export const preferences = users.table('preferences', {
  userId: uuid('user_id').primaryKey(),
  language: text('language').$type<Language>().notNull(),
  notifications: jsonb('notifications').$type<Partial<Notifications>>().notNull(),
  region: text('region'),
  version: integer('version').notNull().default(1),
  updatedAt: moment('updated_at').notNull().defaultNow(),
})

export const dailyCounts = users.table(
  'daily_counts',
  {
    userId: uuid('user_id').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    category: text('category').notNull(),
    analyses: integer('analyses').notNull(),
    recyclable: integer('recyclable').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.day, table.category] })],
)

export const countedDays = users.table(
  'counted_days',
  {
    userId: uuid('user_id').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    countedIn: transactionId('counted_in').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.day] })],
)
