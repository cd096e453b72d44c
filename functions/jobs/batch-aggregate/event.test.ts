import { afterAll, beforeAll } from 'vitest'
import { describeEventFunction } from '../../_lib/testing/event-suite.ts'
import { start } from './main.ts'
import { addDays } from './periods.ts'
import { type BatchParts, orderOf, startBatchParts } from './testing/batch-parts.ts'

let opening: Promise<BatchParts> | undefined
const open = () => (opening ??= startBatchParts())
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
    return orderOf('analytics.daily', { from: day, to: day })
  },
  effect: async (event) => {
    const { parts, ordered } = await open().then((opened) => ({
      parts: opened,
      ordered: opened.broker.events.filter(({ data }) => (data as { period: string }).period === fromOf(event)).length,
    }))
    const { query } = parts.database
    const periods = await query('select state, fence from events.batch_periods where period = $1', [fromOf(event)])
    const runs = await query('select periods, done from events.batch_runs where first_day = $1', [fromOf(event)])
    return { ordered, periods, runs }
  },
})

const fromOf = ({ data }: { data?: unknown }) => (data as { from: string }).from
