import { sql } from 'drizzle-orm'
import type { WasteCategory } from '../../../_contracts/waste-category.v1.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import { type RuleRow, ruleRowSchema } from './feedback/rule-row.ts'

// Rules change by a deployment, a few times a year; an analysis every few milliseconds need not ask each time.
const keptMs = 60_000

/** Reads the national rules by the view that the recycling domain publishes. Throws when a row breaks its form. */
export function createRuleReader(database: Database, nowMs: () => number = Date.now) {
  let kept: { rules: ReadonlyMap<WasteCategory, RuleRow>; untilMs: number } | undefined
  return async (): Promise<ReadonlyMap<WasteCategory, RuleRow>> => {
    if (kept && kept.untilMs > nowMs()) return kept.rules
    const { rows } = await database.run((db) =>
      db.execute(sql`
        select code, title_ko, title_en, waste_type, recyclable, placement, steps, warnings, condition_notes
        from recycling.rules_v1 where region is null`),
    )
    const rules = new Map(rows.map((row) => ruleRowSchema.parse(row)).map((rule) => [rule.code, rule]))
    kept = { rules, untilMs: nowMs() + keptMs }
    return rules
  }
}
