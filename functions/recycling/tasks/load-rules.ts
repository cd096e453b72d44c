import type { RecyclingRule } from '../rule-base/rule.ts'
import type { RuleKey, StoredRule, UpsertedRule } from '../stored-rule.ts'

export type LoadRulesDeps = {
  /** Writes a rule only when it is new or newer than the stored version; resolves to those written. */
  upsertRules: (rules: readonly RecyclingRule[]) => Promise<UpsertedRule[]>
  findStoredRules: () => Promise<StoredRule[]>
  contentHashOf: (rule: RecyclingRule) => string
}

export type LoadRulesReport = { inserted: number; updated: number; unchanged: number }

/**
 * Updates the stored rules to the rule base. Idempotent, also when several instances run it concurrently.
 *
 * An older version never replaces a newer one, so a rollback of the code leaves the newer rules. Throws when a rule differs from
 * the stored one of the same version, since readers could not tell the two apart.
 */
export async function loadRules(deps: LoadRulesDeps, rules: readonly RecyclingRule[]): Promise<LoadRulesReport> {
  const written = await deps.upsertRules(rules)
  const stored = new Map((await deps.findStoredRules()).map((rule) => [keyOf(rule), rule]))
  const conflicts = rules.filter((rule) => {
    const found = stored.get(keyOf({ code: rule.code, region: rule.source.region }))
    return found?.version === rule.version && found.contentHash !== deps.contentHashOf(rule)
  })
  if (conflicts.length > 0) {
    const names = conflicts.map(({ code, version }) => `"${code}" version ${version}`).join(', ')
    throw new Error(`Rules ${names} differ from those stored under the same version; raise their versions`)
  }
  const inserted = written.filter((rule) => rule.inserted).length
  return { inserted, updated: written.length - inserted, unchanged: rules.length - written.length }
}

const keyOf = ({ code, region }: RuleKey) => `${region ?? ''}/${code}`
