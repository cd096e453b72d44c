import { bigint, boolean, date, integer, jsonb, pgSchema, text, timestamp, unique } from 'drizzle-orm/pg-core'
import type { RecyclingRule } from './rule-base/rule.ts'

export const recyclingSchema = pgSchema('recycling')

const content = {
  code: text().$type<RecyclingRule['code']>().notNull(),
  region: text(),
  titleKo: text('title_ko').notNull(),
  titleEn: text('title_en').notNull(),
  wasteType: text('waste_type').notNull(),
  recyclable: boolean().notNull(),
  placement: jsonb().$type<RecyclingRule['placement']>().notNull(),
  includes: jsonb().$type<RecyclingRule['includes']>().notNull(),
  excludes: jsonb().$type<RecyclingRule['excludes']>().notNull(),
  steps: jsonb().$type<RecyclingRule['steps']>().notNull(),
  warnings: jsonb().$type<RecyclingRule['warnings']>().notNull(),
  conditionNotes: jsonb('condition_notes').$type<RecyclingRule['condition_notes']>().notNull(),
  source: jsonb().$type<RecyclingRule['source']>().notNull(),
  reviewedAt: date('reviewed_at'),
  verified: boolean().notNull(),
  version: integer().notNull(),
}

export const rules = recyclingSchema.table(
  'rules',
  {
    ruleId: bigint('rule_id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    ...content,
    contentHash: text('content_hash').notNull(),
    loadedAt: timestamp('loaded_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [unique('rules_code_region').on(table.code, table.region).nullsNotDistinct()],
)

/** What other domains may read. */
export const rulesV1 = recyclingSchema.view('rules_v1', content).existing()
