import { drizzle } from 'drizzle-orm/node-postgres'
import { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { acquireTestPostgres, type TestPostgres } from '../../../scripts/local/servers/test-postgres.ts'
import { migrateAll } from '../../../scripts/migration/migrate.ts'
import { wasteCategories } from '../../_contracts/waste-category.v1.ts'
import type { RecyclingRule } from '../rule-base/rule.ts'
import { ruleBase } from '../rule-base/rule-base.ts'
import { contentHashOf, createRuleStore } from '../rules.pg.ts'
import { loadRules } from './load-rules.ts'

let postgres: TestPostgres
let database: Awaited<ReturnType<TestPostgres['createTestDatabase']>>
let pool: Pool

beforeAll(async () => {
  postgres = await acquireTestPostgres()
  await postgres.createTemplate('recycling_template', migrateAll)
}, 60_000)
afterAll(() => postgres.close())

beforeEach(async () => {
  database = await postgres.createTestDatabase('recycling', 'recycling_template')
  pool = new Pool({ connectionString: database.url, options: '-c role=growbin_recycling' })
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

const load = (rules: readonly RecyclingRule[]) => loadRules({ ...createRuleStore(drizzle(pool)), contentHashOf }, rules)
const readRules = () => createRuleStore(drizzle(pool)).findNationalRules()
const changed = (version: number, titleKo: string): RecyclingRule[] =>
  ruleBase.map((rule) => (rule.code === 'CAN' ? { ...rule, version, title: { ...rule.title, ko: titleKo } } : rule))
const titleOfCan = async () => (await readRules()).find(({ code }) => code === 'CAN')?.titleKo

it('loads every rule once, and changes nothing the second time', async () => {
  expect(await load(ruleBase)).toEqual({ inserted: 22, updated: 0, unchanged: 0 })
  expect(await load(ruleBase)).toEqual({ inserted: 0, updated: 0, unchanged: 22 })
  expect((await readRules()).map(({ code }) => code)).toEqual([...wasteCategories].toSorted())
})

it('the view returns exactly what was loaded', async () => {
  await load(ruleBase)
  const read = (await readRules()).map(
    ({ region: _, titleKo, titleEn, wasteType, conditionNotes, reviewedAt, ...same }) => ({
      ...same,
      title: { ko: titleKo, en: titleEn },
      waste_type: wasteType,
      condition_notes: conditionNotes,
      reviewed_at: reviewedAt,
    }),
  )
  expect(read).toEqual(ruleBase.toSorted((a, b) => (a.code < b.code ? -1 : 1)))
})

it('replaces a rule by a newer version only', async () => {
  await load(ruleBase)
  expect(await load(changed(3, '새 캔'))).toEqual({ inserted: 0, updated: 1, unchanged: 21 })
  expect(await load(changed(2, '옛 캔'))).toEqual({ inserted: 0, updated: 0, unchanged: 22 })
  expect(await titleOfCan()).toBe('새 캔')
})

it('refuses other content under the same version, and keeps what is stored', async () => {
  await load(ruleBase)
  await expect(load(changed(1, '다른 캔'))).rejects.toThrow('Rules "CAN" version 1 differ from those stored')
  expect(await titleOfCan()).toBe('금속 캔')
})

it('writes one row for each rule when several instances load concurrently', async () => {
  const reports = await Promise.all([load(ruleBase), load(ruleBase), load(ruleBase)])
  expect(reports.map(({ inserted }) => inserted).toSorted((a, b) => a - b)).toEqual([0, 0, 22])
  expect(await readRules()).toHaveLength(22)
})

it('allows the waste role to read the view and nothing else, and other roles nothing', async () => {
  await load(ruleBase)
  const attempt = async (role: string, statement: string) => {
    const client = await pool.connect()
    try {
      await client.query(`reset role`)
      await client.query(`set role ${role}`)
      return (await client.query(statement)).rowCount
    } catch (error) {
      return error instanceof Error ? error.message : error
    } finally {
      client.release(true)
    }
  }
  expect(await attempt('growbin_waste', 'select * from recycling.rules_v1')).toBe(22)
  expect(await attempt('growbin_waste', 'select * from recycling.rules')).toBe('permission denied for table rules')
  expect(await attempt('growbin_waste', 'delete from recycling.rules_v1')).toBe('permission denied for view rules_v1')
  expect(await attempt('growbin_users', 'select * from recycling.rules_v1')).toBe(
    'permission denied for schema recycling',
  )
})
