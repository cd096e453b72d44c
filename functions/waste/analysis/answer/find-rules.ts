import type { WasteCategory } from '../../../_contracts/waste-category.v1.ts'
import type { Classification } from '../model/classification.ts'
import type { RuleRow } from './feedback/rule-row.ts'

/** The national sorting rules by category. */
export type ReadRules = () => Promise<ReadonlyMap<WasteCategory, RuleRow>>

/** The rules that the feedback on an item needs: that of its category, and those to which its conditions may move it. */
export async function findRules(readRules: ReadRules, item: Classification): Promise<RuleRow[]> {
  if (!item.is_waste) return []
  const rules = await readRules()
  const found = new Map<WasteCategory, RuleRow>()
  const add = (code: WasteCategory) => {
    const rule = rules.get(code)
    if (!rule || found.has(code)) return
    found.set(code, rule)
    for (const { moves_to: destination } of rule.condition_notes) if (destination !== null) add(destination)
  }
  add(item.category)
  return [...found.values()]
}
