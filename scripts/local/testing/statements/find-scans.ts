import type pg from 'pg'
import type { SentStatement } from './sent-statement.ts'

export type Scan = { table: string; statement: SentStatement }

type PlanNode = {
  'Node Type': string
  Schema?: string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  Plans?: PlanNode[]
}

const explained = /^(?:\s|--[^\n]*\n)*(?:with|select|insert|update|delete)\b/i
/** In the text of a statement that must read a whole table: the table and the reason. */
const allowed = /-- Scans (\w+\.\w+): \w+/g

/**
 * The growing tables that a statement reads as a whole: by a sequential scan, or by an index without a condition. The plan is for the
 * bound values, as PostgreSQL plans a statement that it sees once.
 */
export async function findScans(
  client: pg.Client,
  statements: readonly SentStatement[],
  growing: readonly string[],
): Promise<{ scans: Scan[]; unexplained: { statement: SentStatement; error: string }[] }> {
  const partial = await findPartialIndexes(client)
  const scans: Scan[] = []
  const unexplained = []
  for (const statement of statements) {
    if (!explained.test(statement.text)) continue
    try {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `explain (verbose, format json) ${statement.text}`,
        statement.values,
      )
      const excused = new Set([...statement.text.matchAll(allowed)].map(([, table]) => table))
      const tables = rows.flatMap((row) => findWholeReads(row['QUERY PLAN'][0].Plan, partial, false))
      for (const table of new Set(tables)) {
        if (growing.includes(table) && !excused.has(table)) scans.push({ table, statement })
      }
    } catch (error) {
      unexplained.push({ statement, error: (error as Error).message })
    }
  }
  return { scans, unexplained }
}

async function findPartialIndexes(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select indexrelid::regclass::text as name from pg_index where indpred is not null`,
  )
  return new Set(rows.map(({ name }) => name))
}

function findWholeReads(node: PlanNode, partial: ReadonlySet<string>, limited: boolean): string[] {
  const type = node['Node Type']
  const table = `${node.Schema}.${node['Relation Name']}`
  // A scan in the order of an index stops at the limit.
  const isWholeIndex =
    /^Index (?:Only )?Scan$/.test(type) &&
    node['Index Cond'] === undefined &&
    !limited &&
    !partial.has(`${node.Schema}.${node['Index Name']}`)
  const below = limited ? type !== 'Sort' && type !== 'Aggregate' : type === 'Limit'
  return [
    ...(type === 'Seq Scan' || isWholeIndex ? [table] : []),
    ...(node.Plans ?? []).flatMap((child) => findWholeReads(child, partial, below)),
  ]
}

/** Foreign keys without an index: deleting the referenced row reads the whole table, and no statement shows it. */
export async function findBareForeignKeys(client: pg.Client, growing: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select conrelid::regclass || ' (' || conname || ')' as name from pg_constraint
     where contype = 'f' and conrelid::regclass::text = any($1) and not exists (
       select from pg_index where indrelid = conrelid and indpred is null and indkey[0] = conkey[1])`,
    [growing],
  )
  return rows.map(({ name }) => name)
}
