import { randomUUID } from 'node:crypto'
import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../scripts/local/testing/test-database.ts'
import type { Database } from '../_lib/stores/database.pg.ts'
import { historyStatement } from './history/find-analyses.pg.ts'
import { countsStatement } from './history/statistics/read-counts.pg.ts'
import { exportStatement } from './profile/export/read-analyses.pg.ts'
import { aggregateDaily } from './tasks/aggregate-daily.ts'
import { countStatement, createBatchAggregator } from './tasks/changed-days.pg.ts'
import { createPeople } from './testing/people.ts'

const analysesOfPerson = 10_000
const userId = randomUUID()
const bounds = { daysMax: 500, pauseSeconds: 60 }

let database: TestDatabase
let asUsers: Database
let client: pg.Client

/** Ten a day, over three years. */
const analyses = Array.from({ length: analysesOfPerson }, (_, index) => ({
  analyzedAt: new Date(Date.UTC(2026, 10, 20) - index * 8_640_000),
  category: ['PAPER', 'CAN', 'VINYL', 'GLASS', 'GENERAL'][index % 5] ?? 'PAPER',
}))

beforeAll(async () => {
  database = await createTestDatabase()
  const people = createPeople(database.query)
  await people.addAnalyses(userId, analyses)
  // Enough analyses of other people, one a day each, that scanning the table would be wrong, as in production.
  const daily = analyses.filter((_, index) => index % 10 === 0).slice(0, 150)
  for (let other = 0; other < 200; other += 1) await people.addAnalyses(randomUUID(), daily)
  await database.query('vacuum analyze waste.results')
  await database.query('vacuum analyze waste.changed_days')
  asUsers = database.openAs('users')
  client = new pg.Client({ connectionString: database.urlOf('users') })
  await client.connect()
})
afterAll(async () => {
  await client?.end()
  await database?.close()
})

type PlanNode = { 'Node Type': string; 'Index Name'?: string; 'Relation Name'?: string; Plans?: PlanNode[] }

/** With `scansRefused` a table is scanned only where no index can be used, however small it is in the test. */
async function planOf(statement: SQL, scansRefused = false) {
  const { sql, params } = new PgDialect().sqlToQuery(statement)
  await client.query('begin')
  if (scansRefused) await client.query('set local enable_seqscan = off')
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`explain (format json) ${sql}`, params)
  await client.query('rollback')
  const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]
  const nodes = rows.flatMap((row) => nodesOf(row['QUERY PLAN'][0].Plan))
  return {
    indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
    // The one row that says how far the changes are counted needs no index.
    scanned: nodes
      .filter((node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] !== 'aggregation')
      .map((node) => node['Relation Name']),
    sorts: nodes.filter((node) => node['Node Type'] === 'Sort').length,
  }
}

const cursor = { analyzedAtUs: String(Date.UTC(2025, 0, 1) * 1000), jobId: randomUUID() }

describe('with many analyses', () => {
  it.each([
    ['a first page', historyStatement(userId, {}, 21)],
    ['a later page', historyStatement(userId, { cursor }, 21)],
  ])('%s is read in order from the index, without sorting or scanning', async (_, statement) => {
    expect(await planOf(statement)).toEqual({ indexes: ['results_history'], scanned: [], sorts: 0 })
  })

  it.each([
    [
      'a filtered page',
      historyStatement(userId, { cursor, category: 'CAN', from: '2024-01-01', to: '2024-12-31' }, 21),
    ],
    ['a page of an export', exportStatement(userId, cursor, 1_000)],
  ])('%s is read through the index', async (_, statement) => {
    expect(await planOf(statement)).toMatchObject({ indexes: ['results_history'], scanned: [] })
  })

  it('statistics and the aggregation scan no table', async () => {
    const mark = { changed_in: '0', user_id: '00000000-0000-0000-0000-000000000000', day: '-infinity' }
    await countAll()
    await database.query('vacuum analyze users.daily_counts')
    await database.query('vacuum analyze users.counted_days')
    const read = await planOf(countsStatement(userId))
    expect(read.scanned).toEqual([])
    expect(read.indexes).toEqual(expect.arrayContaining(['changed_days_pkey', 'daily_counts_pkey', 'results_history']))
    const count = await planOf(countStatement(mark, bounds), true)
    expect(count.scanned).toEqual([])
    expect(count.indexes).toEqual(
      expect.arrayContaining(['changed_days_order', 'daily_counts_pkey', 'results_history']),
    )
  })

  // Pages of 8 KiB that PostgreSQL reads: the cost of a call, independent of the load of the machine.
  it('a call reads a few pages once days are counted, and a bounded number before', async () => {
    const never = randomUUID()
    const pages = {
      'first page': await pagesRead(historyStatement(userId, {}, 101)),
      'later page': await pagesRead(historyStatement(userId, { cursor }, 101)),
      'page of a category that never occurs': await pagesRead(historyStatement(userId, { category: 'LAMP' }, 21)),
      'page of an export': await pagesRead(exportStatement(userId, undefined, 1_000)),
      'statistics, all counted': await countAll().then(() => pagesRead(countsStatement(userId))),
      'statistics of a person without analyses': await pagesRead(countsStatement(never)),
    }
    await database.query('truncate users.counted_days, users.daily_counts')
    const uncounted = await pagesRead(countsStatement(userId))
    expect(pages).toEqual({
      'first page': expect.toSatisfy(atMost(50)),
      'later page': expect.toSatisfy(atMost(50)),
      'page of a category that never occurs': expect.toSatisfy(atMost(2_000)),
      'page of an export': expect.toSatisfy(atMost(200)),
      'statistics, all counted': expect.toSatisfy(atMost(400)),
      'statistics of a person without analyses': expect.toSatisfy(atMost(20)),
    })
    expect(uncounted).toSatisfy(atMost(8_000))
    expect(uncounted).toBeGreaterThan(pages['statistics, all counted'])
  })
})

const atMost = (pages: number) => (found: unknown) => typeof found === 'number' && found <= pages

const countAll = () =>
  vi.waitFor(
    async () => {
      await aggregateDaily({
        aggregateBatch: createBatchAggregator(asUsers, { pauseSeconds: 0 }),
        nowMs: Date.now,
        runMsMax: 30_000,
      })
      const [{ open } = { open: -1 }] = await database.query<{ open: number }>(
        `select count(*)::integer as open from waste.changed_days left join users.counted_days using (user_id, day)
         where counted_in is distinct from changed_in`,
      )
      expect(open).toBe(0)
    },
    { timeout: 30_000 },
  )

async function pagesRead(statement: SQL): Promise<number> {
  const { sql, params } = new PgDialect().sqlToQuery(statement)
  type Measured = { 'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }] }
  const { rows } = await client.query<Measured>(`explain (analyze, buffers, format json) ${sql}`, params)
  return rows.reduce((sum, row) => {
    const { Plan: plan } = row['QUERY PLAN'][0]
    return sum + plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
  }, 0)
}
