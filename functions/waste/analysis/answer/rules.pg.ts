import { sql } from 'drizzle-orm'
import type { WasteCategory } from '../../../_contracts/waste-category.v1.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import { type RuleRow, ruleRowSchema } from './feedback/rule-row.ts'

// Rules change a few times a year, by a deployment; so they are read once a minute and not for each analysis.
const keptMs = 60_000

/** Reads the national rules from the view of the recycling domain. Throws when a row is invalid. */
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
