import { Cron } from 'croner'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestParts } from '../../../scripts/local/testing/test-parts.ts'
import { batchTickV1 } from '../../_contracts/events/batch-tick.v1.ts'
import { describeEventFunction } from '../../_lib/testing/event-suite.ts'
import spec from './function.ts'
import { start } from './main.ts'
import { addDays } from './periods.ts'
import { type BatchParts, commandOf, startBatchParts, tickOf } from './testing/batch-parts.ts'

let opening: Promise<BatchParts> | undefined
const open = () => (opening ??= startTestParts().then(startBatchParts))
beforeAll(open)
afterAll(async () => (await open()).close())

let days = 0
describeEventFunction({
  name: 'jobs-batch-aggregate',
  start,
  environment: async () => (await open()).environment,
  validEvent: async () => {
    days += 1
    const day = addDays('2025-01-01', days)
    return commandOf('analytics.daily', { from: day, to: day })
  },
  effect: async (event) => {
    const { parts, steps } = await open().then((opened) => ({
      parts: opened,
      steps: opened.broker.events.filter(({ data }) => (data as { period: string }).period === fromOf(event)).length,
    }))
    const { query } = parts.database
    const periods = await query('select state, fence from events.batch_periods where period = $1', [fromOf(event)])
    const runs = await query('select periods, done from events.batch_runs where first_day = $1', [fromOf(event)])
    return { steps, periods, runs }
  },
})

const fromOf = ({ data }: { data?: unknown }) => (data as { from: string }).from

it('handles every tick of its schedules: daily at 02:00, on Mondays at 04:00, both again an hour later, and every five minutes', async () => {
  const after = (cron: string) =>
    new Cron(cron, { timezone: 'Asia/Seoul', paused: true }).nextRuns(2, new Date('2026-03-06T00:00:00Z'))
  const times = spec.trigger.schedules.map(({ body, cron }) => [
    batchTickV1.schema.parse(body).task,
    ...after(cron).map((time) => time.toISOString()),
  ])
  expect(times).toEqual([
    ['analytics.daily', '2026-03-06T17:00:00.000Z', '2026-03-06T18:00:00.000Z'],
    ['report.generate', '2026-03-08T19:00:00.000Z', '2026-03-08T20:00:00.000Z'],
    ['batch.resume', '2026-03-06T00:05:00.000Z', '2026-03-06T00:10:00.000Z'],
  ])
  const parts = await open()
  for (const { body } of spec.trigger.schedules) {
    expect(await parts.deliver(tickOf(batchTickV1.schema.parse(body).task))).toBe(204)
  }
})
