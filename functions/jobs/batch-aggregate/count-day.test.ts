import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { startTestParts } from '../../../scripts/local/testing/test-parts.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { type BatchParts, commandOf, startBatchParts } from './testing/batch-parts.ts'
import { expectedFigures, seedDay } from './testing/seed-analyses.ts'

let parts: BatchParts
beforeAll(async () => {
  parts = await startTestParts().then(startBatchParts)
})
afterAll(() => parts?.close())
beforeEach(() =>
  parts.database.query(
    'truncate waste.jobs cascade; truncate events.batch_runs, events.batch_periods, events.analytics_days, events.outbox, events.inbox',
  ),
)

const day = '2026-03-02'
const seed = (analyses: number, people = 70) => {
  const seeded = { day, analyses, people }
  return seedDay(parts.database.query, seeded).then(() => expectedFigures(seeded))
}
const command = (again = false) => commandOf('analytics.daily', { from: day, to: day, again })
const figures = async () =>
  (
    await parts.database.query<{ figures: object }>('select figures from events.analytics_days where day = $1', [day])
  )[0]?.figures
const period = async () =>
  (
    await parts.database.query<{ state: string; fence: number; rows_read: string; bytes: number; last_error: string }>(
      `select state, fence, rows_read, octet_length(partial::text) as bytes, last_error
       from events.batch_periods where period = $1`,
      [day],
    )
  )[0]

describe('the figures of a day', () => {
  it('are those of all 20 000 rows, while no step reads more than a page', async () => {
    const expected = await seed(20_000, 900)
    const before = parts.broker.events.length
    expect(await parts.deliver(command())).toBe(204)
    const read: number[] = []
    const bytes: number[] = []
    for (let next = before; parts.broker.events[next]; next += 1) {
      const rows = Number((await period())?.rows_read)
      expect(await parts.deliver(parts.broker.events[next] as JsonCloudEvent, { STEP_MS_MAX: '0' })).toBe(204)
      const after = await period()
      read.push(Number(after?.rows_read) - rows)
      if (after?.bytes) bytes.push(after.bytes)
    }
    expect(await figures()).toEqual(expected)
    expect(read).toEqual([...Array.from({ length: 20 }, () => 1_000), 0])
    // The checkpoint does not grow with the number of rows.
    expect(Math.max(...bytes)).toBeLessThan(4_000)
    expect(await period()).toMatchObject({ state: 'done', rows_read: '20000', bytes: null })
  })

  it.each([0, 1, 50, 51])('of %i rows are the same in one step and in many', async (analyses) => {
    const expected = await seed(analyses, 7)
    await parts.workOff(command())
    expect(await figures()).toEqual(expected)
    await parts.workOff(command(true), { STEP_MS_MAX: '0', PAGE_ROWS_MAX: '10' })
    expect(await figures()).toEqual(expected)
  })

  it('count a person once per day', async () => {
    await seed(30, 3)
    const other = { day: '2026-03-04', analyses: 30, people: 3 }
    await seedDay(parts.database.query, other)
    await parts.workOff(commandOf('analytics.daily', { from: day, to: other.day }))
    expect(
      await parts.database.query(
        `select figures ->> 'people' as people from events.analytics_days where day <> '2026-03-03'`,
      ),
    ).toEqual([{ people: '3' }, { people: '3' }])
  })

  it('are the same when a closed day is counted again, and follow rows that came late or were deleted', async () => {
    await seed(60)
    await parts.workOff(command())
    const first = await figures()
    await parts.workOff(command(true))
    expect(await figures()).toEqual(first)

    await parts.database.query(`update waste.jobs set object_key = 'uploads/late', finished_at = finished_at - interval '1 month'
      where object_key = 'uploads/seed' and redrives between 10 and 14`)
    await parts.workOff(command(true))
    expect(await figures()).toMatchObject({ analyses: 55 })
    await parts.database.query(`update waste.jobs set finished_at = finished_at + interval '1 month'
      where object_key = 'uploads/late'`)
    // Without "again" a done period does not change.
    await parts.workOff(command())
    expect(await figures()).toMatchObject({ analyses: 55 })
    await parts.workOff(command(true))
    expect(await figures()).toEqual(first)
  })
})

describe('a day that is being counted', () => {
  const steps = { STEP_MS_MAX: '0', PAGE_ROWS_MAX: '25' }

  it('is counted once by concurrent deliveries of each step', async () => {
    const expected = await seed(200)
    let next = parts.broker.events.length
    expect(await parts.deliver(command())).toBe(204)
    for (let event = parts.broker.events[next]; event; event = parts.broker.events[next]) {
      next += 1
      const step = event
      const statuses = await Promise.all(Array.from({ length: 3 }, () => parts.deliver(step, steps)))
      for (const status of statuses) expect([204, 503]).toContain(status)
      await vi.waitFor(async () => expect(await parts.deliver(step, steps)).toBe(204), { timeout: 20_000 })
    }
    expect(await figures()).toEqual(expected)
    expect(await period()).toMatchObject({ state: 'done', rows_read: '200' })
  })

  it('is counted once for two concurrent commands, whose runs end together', async () => {
    const expected = await seed(100)
    const [one, other] = [command(), command()]
    const before = parts.broker.events.length
    expect(await Promise.all([parts.deliver(one, steps), parts.deliver(other, steps)])).toEqual([204, 204])
    expect(parts.broker.events.length).toBe(before + 1)
    await parts.workOff(parts.broker.events[before] as JsonCloudEvent, steps)
    expect(await figures()).toEqual(expected)
    expect(await period()).toMatchObject({ state: 'done', rows_read: '100' })
    const runs = await parts.database.query(
      'select done, failed, periods, ended_at is not null as ended from events.batch_runs',
    )
    expect(runs).toEqual(Array.from({ length: 2 }, () => ({ done: 1, failed: 0, periods: 1, ended: true })))
  })

  it('starts over when it is requested again in the middle, and the running step becomes void', async () => {
    const expected = await seed(100)
    const before = parts.broker.events.length
    await parts.deliver(command(), steps)
    await parts.deliver(parts.broker.events[before] as JsonCloudEvent, steps)
    const running = parts.broker.events[before + 1] as JsonCloudEvent
    await parts.deliver(command(true), steps)
    const restarted = parts.broker.events[before + 2] as JsonCloudEvent
    const { fence } = (await period()) ?? { fence: 0 }
    expect(await parts.deliver(running, steps)).toBe(204)
    expect(await period()).toMatchObject({ fence, rows_read: '0' })
    await parts.workOff(restarted, steps)
    expect(await figures()).toEqual(expected)
  })

  it('continues through the relay when the broker is unavailable', async () => {
    await seed(30)
    const withoutBroker = { BROKER_URL: 'http://127.0.0.1:1/' }
    expect(await parts.deliver(command(), withoutBroker)).toBe(204)
    const waiting = await parts.database.query<{ event: JsonCloudEvent }>(
      'select event from events.outbox where sent_at is null',
    )
    expect(waiting).toHaveLength(1)
    await parts.workOff(waiting[0]?.event as JsonCloudEvent)
    expect(await period()).toMatchObject({ state: 'done' })
  })

  it('keeps its counts when a step fails, records why, and is retried', async () => {
    const expected = await seed(100)
    const before = parts.broker.events.length
    await parts.deliver(command(), steps)
    await parts.deliver(parts.broker.events[before] as JsonCloudEvent, steps)
    const second = parts.broker.events[before + 1] as JsonCloudEvent
    await parts.database.query('alter view waste.ended_analyses_v1 rename to unavailable')
    expect(await parts.deliver(second, steps)).toBe(503)
    expect(await period()).toMatchObject({ state: 'running', rows_read: '25', last_error: 'DatabaseError' })
    await parts.database.query('alter view waste.unavailable rename to ended_analyses_v1')
    await parts.workOff(second, steps)
    expect(await figures()).toEqual(expected)
    expect(await period()).toMatchObject({ state: 'done', last_error: null })
  })
})
