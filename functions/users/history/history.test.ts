import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import { createLocalCounter } from '../../_lib/limits/rate-limit.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { expectProblem } from '../../_lib/testing/expect-problem.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { createPeople, type People } from '../testing/people.ts'
import { createAnalysesFinder } from './find-analyses.pg.ts'
import { createHandler } from './handler.ts'
import { type HistoryPage, history } from './history.ts'

let database: TestDatabase
let people: People
let app: HttpApp

beforeAll(async () => {
  database = await createTestDatabase()
  people = createPeople(database.query)
  const findAnalyses = createAnalysesFinder(database.openAs('users'))
  app = createHandler({
    log: silentLog,
    metrics: createMetrics('users-history'),
    // The token of a person is the id of the person here.
    verifyAccessToken: async (token) => ({ userId: token, sessionId: token }),
    countUse: createLocalCounter(),
    requestsPerMinuteMax: 100_000,
    history: (input) => history({ findAnalyses }, input),
    stats: () => Promise.reject(new Error('is tested elsewhere')),
  })
})
afterAll(() => database.close())

const ask = (userId: string, query: Record<string, string> | string = {}) =>
  app.request(`/api/v1/users/history?${new URLSearchParams(query)}`, { headers: { authorization: `Bearer ${userId}` } })

async function list(userId: string, query: Record<string, string> = {}): Promise<HistoryPage> {
  const response = await ask(userId, query)
  expect(response.status).toBe(200)
  return (await response.json()) as HistoryPage
}

const idsOf = (page: HistoryPage) => page.items.map((item) => item.job_id)
const at = (time: string) => new Date(time)

describe('GET /users/history', () => {
  it('lists the analyses of the person, newest first, and of no other person', async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()]
    const [older] = await people.addAnalyses(mine, [{ analyzedAt: at('2026-03-01T00:00:00Z'), itemName: '택배 상자' }])
    const [newer] = await people.addAnalyses(mine, [
      { analyzedAt: at('2026-03-02T00:00:00.123Z'), category: 'NOT_WASTE', recyclable: false, itemName: '고양이' },
    ])
    await people.addAnalyses(theirs, [{}])
    const common = { waste_type: 'paper', moved_to: null, confidence: 0.9, feedback: '물기 없이 펴서 배출해 주세요.' }
    expect(await list(mine)).toEqual({
      items: [
        {
          ...common,
          job_id: newer,
          category: 'NOT_WASTE',
          recyclable: false,
          item_name: '고양이',
          analyzed_at: '2026-03-02T00:00:00.123Z',
        },
        {
          ...common,
          job_id: older,
          category: 'PAPER',
          recyclable: true,
          item_name: '택배 상자',
          analyzed_at: '2026-03-01T00:00:00.000Z',
        },
      ],
      next_cursor: null,
    })
    expect(await list(randomUUID())).toEqual({ items: [], next_cursor: null })
  })

  it('interprets "from" and "to" as days of Asia/Seoul, both inclusive', async () => {
    const userId = randomUUID()
    const times = [
      '2026-02-28T14:59:59.999Z',
      '2026-02-28T15:00:00Z',
      '2026-03-01T14:59:59.999Z',
      '2026-03-01T15:00:00Z',
    ]
    const [before, first, last, after] = await people.addAnalyses(
      userId,
      times.map((time) => ({ analyzedAt: at(time) })),
    )
    expect(idsOf(await list(userId, { from: '2026-03-01', to: '2026-03-01' }))).toEqual([last, first])
    expect(idsOf(await list(userId, { from: '2026-03-01' }))).toEqual([after, last, first])
    expect(idsOf(await list(userId, { to: '2026-03-01' }))).toEqual([last, first, before])
  })

  it('filters by category and by whether it can be recycled, over all pages', async () => {
    const userId = randomUUID()
    const ids = await people.addAnalyses(
      userId,
      Array.from({ length: 12 }, (_, index) => ({
        analyzedAt: new Date(Date.UTC(2026, 0, 1, 0, index)),
        category: index % 2 === 0 ? 'CAN' : 'VINYL',
        recyclable: index % 3 === 0,
      })),
    )
    const expected = ids.filter((_, index) => index % 2 === 0 && index % 3 === 0).reverse()
    const found: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const query = { category: 'CAN', recyclable: 'true', limit: '1', ...(cursor && { cursor }) }
      const page = await list(userId, query)
      found.push(...idsOf(page))
      cursor = page.next_cursor
    }
    expect(found).toEqual(expected)
  })

  it.each([
    [{ limit: '0' }, '/limit'],
    [{ limit: '101' }, '/limit'],
    [{ limit: '1e1' }, '/limit'],
    [{ category: 'paper' }, '/category'],
    [{ recyclable: 'yes' }, '/recyclable'],
    [{ from: '2026-02-30' }, '/from'],
    [{ to: '0000-01-01' }, '/to'],
    [{ from: '2026-03-02', to: '2026-03-01' }, '/to'],
    [{ cursor: 'nonsense' }, '/cursor'],
    [{ cursor: Buffer.from(`1.${randomUUID()} `).toString('base64url') }, '/cursor'],
    [{ cursor: 'x'.repeat(5_000) }, '/cursor'],
    [{ sort: 'asc' }, '/sort'],
    ['limit=1&limit=2', '/limit'],
  ])('refuses the query %j and points at it', async (query, pointer) => {
    const problem = await expectProblem(await ask(randomUUID(), query), 400)
    expect(problem.errors).toEqual([{ pointer, detail: expect.any(String) }])
  })

  it('a cursor reveals nothing of another person', async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()]
    await people.addAnalyses(mine, [{}, {}])
    await people.addAnalyses(theirs, [{}, {}])
    const { next_cursor: cursor } = await list(theirs, { limit: '1' })
    const theirIds = new Set(idsOf(await list(theirs)))
    for (const id of idsOf(await list(mine, { cursor: cursor ?? '' }))) expect(theirIds).not.toContain(id)
  })

  it('any well-formed cursor is answered, whatever time it contains', async () => {
    for (const us of ['0', '9999999999999999']) {
      const cursor = Buffer.from(`${us}.${randomUUID()}`).toString('base64url')
      expect((await ask(randomUUID(), { cursor })).status).toBe(200)
    }
  })
})

it('pages list every analysis exactly once, for any page size and with analyses added in between', async () => {
  // Few timestamps, a microsecond apart: many analyses share one, and no two differ by a millisecond.
  const momentUs = fc.integer({ min: 0, max: 4 })
  const insert = async (userId: string, us: number) => {
    const [jobId] = await people.addAnalyses(userId, [{ analyzedAt: `2026-05-31T14:59:59.12399${us}Z` }])
    return jobId
  }
  await fc.assert(
    fc.asyncProperty(
      fc.array(momentUs, { minLength: 1, maxLength: 14 }),
      fc.array(momentUs, { maxLength: 6 }),
      fc.integer({ min: 1, max: 5 }),
      async (present, arriving, limit) => {
        const userId = randomUUID()
        const atFirst = await Promise.all(present.map((us) => insert(userId, us)))
        const seen: string[] = []
        const later = [...arriving]
        for (let cursor: string | null | undefined; cursor !== null; ) {
          const us = later.pop()
          const adding = us === undefined ? undefined : insert(userId, us)
          const page = await list(userId, { limit: String(limit), ...(cursor && { cursor }) })
          await adding
          expect(page.items.length).toBeLessThanOrEqual(limit)
          seen.push(...idsOf(page))
          cursor = page.next_cursor
        }
        expect(new Set(seen).size).toBe(seen.length)
        expect(seen).toEqual(expect.arrayContaining(atFirst))
      },
    ),
    { numRuns: 25 },
  )
})
