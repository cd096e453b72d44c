import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../scripts/local/testing/test-database.ts'
import { createCountsReader } from './history/statistics/read-counts.pg.ts'
import { type Stats, stats } from './history/statistics/stats.ts'
import { createBatchAggregator } from './tasks/changed-days.pg.ts'
import { createPeople, type People } from './testing/people.ts'

let database: TestDatabase
let people: People
let statsOf: (userId: string) => Promise<Stats>
let aggregate: () => Promise<unknown>

const now = new Date('2028-03-01T03:00:00Z')

beforeAll(async () => {
  database = await createTestDatabase()
  people = createPeople(database.query)
  const asUsers = database.openAs('users')
  const deps = { readCounts: createCountsReader(asUsers), now: () => now }
  statsOf = (userId) => stats(deps, userId)
  aggregate = createBatchAggregator(asUsers, { daysMax: 3, pauseSeconds: 0 })
})
afterAll(() => database.close())

/** Computes the same figures from every result in another way: with the calendar of PostgreSQL, and day by day. */
async function recompute(userId: string) {
  const rows = await database.query<{ day: string; week: string; category: string; recyclable: boolean }>(
    `select (analyzed_at at time zone 'Asia/Seoul')::date::text as day, category, recyclable,
       to_char(analyzed_at at time zone 'Asia/Seoul', 'IYYY-"W"IW') as week
     from waste.results where owner_id = $1`,
    [userId],
  )
  const count = (kept: typeof rows) => ({
    analyses: kept.length,
    recyclable: kept.filter((row) => row.recyclable).length,
  })
  const days = new Set(rows.map((row) => row.day))
  const before = (day: string) => new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10)
  const lengthUntil = (day: string): number => (days.has(day) ? 1 + lengthUntil(before(day)) : 0)
  const today = '2028-03-01'
  return {
    total: count(rows),
    categories: Object.fromEntries(
      [...new Set(rows.map((row) => row.category))].map((category) => [
        category,
        count(rows.filter((row) => row.category === category)),
      ]),
    ),
    weeks: Object.fromEntries(
      [...new Set(rows.map((row) => row.week))].map((week) => [week, count(rows.filter((row) => row.week === week))]),
    ),
    streak: {
      current_days: days.has(today) ? lengthUntil(today) : lengthUntil(before(today)),
      longest_days: Math.max(0, ...[...days].map(lengthUntil)),
      last_day: [...days].sort().at(-1) ?? null,
    },
  }
}

/** The statistics in the form of `recompute`, without weeks that have no analysis. */
function comparable({ total, categories, weeks, streak }: Stats) {
  return {
    total,
    categories: Object.fromEntries(categories.map(({ category, ...counts }) => [category, counts])),
    weeks: Object.fromEntries(
      weeks
        .filter(({ analyses }) => analyses > 0)
        .map(({ week, analyses, recyclable }) => [week, { analyses, recyclable }]),
    ),
    streak,
  }
}

/** Afterwards the statistics of the person use only prepared counts. */
const countEverything = (userId: string) =>
  vi.waitFor(
    async () => {
      await aggregate()
      const open = await database.query(
        `select day from waste.changed_days left join users.counted_days using (user_id, day)
       where user_id = $1 and counted_in is distinct from changed_in`,
        [userId],
      )
      expect(open).toEqual([])
      // Transactions of test files that run in parallel may hold changes back for seconds.
    },
    { timeout: 30_000 },
  )

async function expectTruth(userId: string) {
  expect(comparable(await statsOf(userId))).toEqual(await recompute(userId))
}

// Around midnight of Asia/Seoul (15:00 UTC), across the end of February of a leap year, within the twelve weeks.
const moment = fc
  .record({ day: fc.integer({ min: -9, max: 0 }), ms: fc.constantFrom(-1, 0, 1, 3_600_000) })
  .map(({ day, ms }) => new Date(Date.UTC(2028, 1, 29 + day, 15) + ms))
const analysis = fc.record({
  analyzedAt: moment,
  category: fc.constantFrom('PAPER', 'CAN', 'NOT_WASTE'),
  recyclable: fc.boolean(),
})
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), analyses: fc.array(analysis, { minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('delete' as const), index: fc.nat() }),
  fc.record({ kind: fc.constant('correct' as const), index: fc.nat(), analysis }),
  fc.record({ kind: fc.constant('aggregate' as const) }),
  fc.record({ kind: fc.constant('aggregate_while_adding' as const), analyses: fc.array(analysis, { maxLength: 3 }) }),
)

it('statistics equal a recomputation from every result after late, corrected, deleted and already counted analyses', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
      const userId = randomUUID()
      const ids: string[] = []
      for (const action of steps) {
        if (action.kind === 'add') ids.push(...(await people.addAnalyses(userId, action.analyses)))
        if (action.kind === 'delete' && ids.length > 0) {
          await people.deleteJobs(ids.splice(action.index % ids.length, 1))
        }
        if (action.kind === 'correct' && ids.length > 0) {
          const { analyzedAt, category, recyclable } = action.analysis
          await database.query(
            'update waste.results set analyzed_at = $2, category = $3, recyclable = $4 where job_id = $1',
            [ids[action.index % ids.length], analyzedAt, category, recyclable],
          )
        }
        if (action.kind === 'aggregate') await aggregate()
        if (action.kind === 'aggregate_while_adding') {
          const [added] = await Promise.all([
            people.addAnalyses(userId, action.analyses),
            aggregate(),
            aggregate(),
            statsOf(userId),
          ])
          ids.push(...added)
        }
        await expectTruth(userId)
      }
      await countEverything(userId)
      await expectTruth(userId)
    }),
    { numRuns: 40 },
  )
}, 60_000)

it('counts decrease when results are deleted, and a day without results leaves the streak', async () => {
  const userId = randomUUID()
  const days = ['2028-02-28T12:00:00Z', '2028-02-29T12:00:00Z', '2028-03-01T02:00:00Z']
  const [, middle = ''] = await people.addAnalyses(
    userId,
    days.map((day) => ({ analyzedAt: new Date(day) })),
  )
  await countEverything(userId)
  expect(await statsOf(userId)).toMatchObject({ total: { analyses: 3 }, streak: { current_days: 3, longest_days: 3 } })
  await people.deleteJobs([middle])
  expect(await statsOf(userId)).toMatchObject({ total: { analyses: 2 }, streak: { current_days: 1, longest_days: 1 } })
  await countEverything(userId)
  await expectTruth(userId)
})

it('a change of only the photo key keeps every day counted', async () => {
  const userId = randomUUID()
  const [jobId] = await people.addAnalyses(userId, [{}])
  const changes = () => database.query('select changed_in from waste.changed_days where user_id = $1', [userId])
  const before = await changes()
  await database.query(`update waste.results set photo_key = 'photos/1' where job_id = $1`, [jobId])
  expect(await changes()).toEqual(before)
})
