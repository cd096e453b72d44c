import { sql } from 'drizzle-orm'
import { bigint, boolean, check, date, integer, jsonb, pgSchema, text, unique } from 'drizzle-orm/pg-core'
import { moment } from '../_lib/stores/columns.pg.ts'
import type { RecyclingRule } from './rule-base/rule.ts'

const recycling = pgSchema('recycling')

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

export const rules = recycling.table(
  'rules',
  {
    ruleId: bigint('rule_id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    ...content,
    contentHash: text('content_hash').notNull(),
    loadedAt: moment('loaded_at').notNull().defaultNow(),
  },
  (table) => [
    // A national rule has no region, and there may be only one of it.
    unique('rules_code_region').on(table.code, table.region).nullsNotDistinct(),
    check('rules_version_check', sql`${table.version} > 0`),
    check('rules_verified_has_date', sql`not ${table.verified} or ${table.reviewedAt} is not null`),
  ],
)

/** What other domains may read. */
export const rulesV1 = recycling.view('rules_v1', content).existing()
