import { createHash } from 'node:crypto'
import { eq, getTableColumns, isNull, lt, sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { RecyclingRule } from './rule-base/rule.ts'
import { rules, rulesV1 } from './schema.ts'
import type { StoredRule, UpsertedRule } from './stored-rule.ts'

type NewRule = typeof rules.$inferInsert

/** Reads and writes the rules of the recycling domain; `db` is connected as its role. */
export function createRuleStore(db: NodePgDatabase) {
  return {
    /** Writes new rules and newer versions in one statement; resolves to the written rows. */
    async upsertRules(loaded: readonly RecyclingRule[]): Promise<UpsertedRule[]> {
      if (loaded.length === 0) return []
      return (
        // By the builder in spite of `excluded`: SQL would list the seventeen columns of schema.ts three times.
        db
          .insert(rules)
          .values(loaded.map(toRow))
          .onConflictDoUpdate({
            target: [rules.code, rules.region],
            set: excludedColumns(),
            setWhere: lt(rules.version, sql`excluded.version`),
          })
          // A row that this statement has inserted was never locked or updated, so its xmax is 0.
          .returning({ code: rules.code, region: rules.region, inserted: sql<boolean>`xmax = 0` })
      )
    },

    async findStoredRules(): Promise<StoredRule[]> {
      return db
        .select({ code: rules.code, region: rules.region, version: rules.version, contentHash: rules.contentHash })
        .from(rules)
    },

    /** The national rule of each category, by code. */
    async findNationalRules() {
      return db.select().from(rulesV1).where(isNull(rulesV1.region)).orderBy(rulesV1.code)
    },

    async findRules(code: RecyclingRule['code']) {
      return db.select().from(rulesV1).where(eq(rulesV1.code, code))
    },
  }
}

/** Returns the SHA-256 of the content of a rule, without its version, in hex. */
export function contentHashOf(rule: RecyclingRule): string {
  const { version: _, ...content } = rule
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

function toRow(rule: RecyclingRule): NewRule {
  const { title, waste_type, condition_notes, reviewed_at, ...same } = rule
  return {
    ...same,
    region: rule.source.region,
    titleKo: title.ko,
    titleEn: title.en,
    wasteType: waste_type,
    conditionNotes: condition_notes,
    reviewedAt: reviewed_at,
    contentHash: contentHashOf(rule),
  }
}

function excludedColumns() {
  const { ruleId: _id, code: _code, region: _region, loadedAt: _at, ...columns } = getTableColumns(rules)
  const names = Object.entries(columns).map(([key, column]) => [key, sql`excluded.${sql.identifier(column.name)}`])
  return { ...Object.fromEntries(names), loadedAt: sql`now()` }
}
