import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestParts } from '../../../scripts/local/testing/test-parts.ts'
import type { BatchTask } from '../../_contracts/events/batch-range.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { addDays, periodsOf, weekName } from './periods.ts'
import { planRange } from './plan-periods.ts'
import { type BatchParts, commandOf, startBatchParts, tickOf } from './testing/batch-parts.ts'

describe('periods', () => {
  it('are the days of a range, or the Mondays of weeks that lie within it', () => {
    const within = (task: BatchTask, from: string, to: string) => periodsOf(task, { from, to })
    expect(within('analytics.daily', '2028-02-28', '2028-03-01')).toEqual(['2028-02-28', '2028-02-29', '2028-03-01'])
    expect(within('report.generate', '2026-03-02', '2026-03-08')).toEqual(['2026-03-02'])
    expect(within('report.generate', '2026-03-03', '2026-03-15')).toEqual(['2026-03-09'])
    expect(within('report.generate', '2026-03-02', '2026-03-07')).toEqual([])
    expect(within('report.generate', '2026-03-01', '2026-03-22')).toEqual(['2026-03-02', '2026-03-09', '2026-03-16'])
  })

  it('have the names of ISO weeks, which belong to the year of their Thursday', () => {
    const names = ['2024-12-30', '2026-01-05', '2025-12-29', '2020-12-28', '2027-01-04'].map(weekName)
    expect(names).toEqual(['2025-W01', '2026-W02', '2026-W01', '2020-W53', '2027-W01'])
  })
})

it('a range that is done costs one query and plans nothing', async () => {
  const looks: string[][] = []
  const deps = {
    look: async (_task: BatchTask, periods: readonly string[]) => {
      looks.push([...periods])
      return { closedDay: '2026-03-09', done: periods.length }
    },
    plan: () => Promise.reject(new Error('it has planned')),
    createId: randomUUID,
    log: silentLog,
  }
  await planRange(deps, tickOf('analytics.daily'), 'analytics.daily', { from: '2026-03-02', to: '2026-03-02' })
  expect(looks).toEqual([['2026-03-02']])
})

describe('with the function', () => {
  let parts: BatchParts
  let closedDay: string
  beforeAll(async () => {
    parts = await startTestParts().then(startBatchParts)
  })
  afterAll(() => parts?.close())
  beforeEach(async () => {
    await parts.database.query(
      `truncate waste.jobs cascade; truncate events.batch_runs, events.batch_periods, events.analytics_days, events.reports,
       events.outbox, events.inbox, events.dead_letters`,
    )
    closedDay = await readClosedDay()
  })

  const readClosedDay = async () =>
    (
      await parts.database.query<{ day: string }>(
        `select (((now() - interval '15 minutes') at time zone 'Asia/Seoul')::date - 1)::text as day`,
      )
    )[0]?.day ?? ''
  const states = async (task: BatchTask) =>
    Object.fromEntries(
      (
        await parts.database.query<{ period: string; state: string }>(
          'select period::text as period, state from events.batch_periods where task = $1 order by period',
          [task],
        )
      ).map(({ period, state }) => [period, state]),
    )
  const runs = () =>
    parts.database.query(
      `select run_id, task, first_day::text as from, last_day::text as to, again, ordered_by, periods, done, failed,
         ended_at is not null as ended from events.batch_runs order by ordered_at`,
    )
  const rejections = () => parts.database.query('select reason from events.dead_letters order by received_at')

  it('the next tick catches up days that no tick has planned, and a repeated tick has no effect', async () => {
    const earliest = addDays(closedDay, -34)
    await parts.workOff(commandOf('analytics.daily', { from: earliest, to: addDays(closedDay, -3) }))
    const missed = [-2, -1, 0].map((days) => addDays(closedDay, days))
    const tick = tickOf('analytics.daily')
    // The tick and one step of each of three days.
    expect(await parts.workOff(tick)).toBe(4)
    const done = await states('analytics.daily')
    expect(missed.map((day) => done[day])).toEqual(['done', 'done', 'done'])
    expect(Object.keys(done)).toEqual(periodsOf('analytics.daily', { from: earliest, to: closedDay }))

    const [, caughtUp] = await runs()
    expect(caughtUp).toMatchObject({
      task: 'analytics.daily',
      again: false,
      periods: 3,
      done: 3,
      failed: 0,
      ended: true,
    })
    for (const again of [tick, tickOf('analytics.daily')]) expect(await parts.workOff(again)).toBe(1)
    expect(await runs()).toHaveLength(2)
  })

  it('concurrent ticks plan each day once', async () => {
    const before = parts.broker.events.length
    const statuses = await Promise.all(Array.from({ length: 4 }, () => parts.deliver(tickOf('analytics.daily'))))
    expect(statuses).toEqual([204, 204, 204, 204])
    const steps: JsonCloudEvent[] = []
    for (let next = before; parts.broker.events[next]; next += 1) {
      steps.push(parts.broker.events[next] as JsonCloudEvent)
      expect(await parts.deliver(parts.broker.events[next] as JsonCloudEvent)).toBe(204)
    }
    const periods = steps.map(({ data }) => (data as { period: string }).period)
    expect(periods.toSorted()).toEqual(periodsOf('analytics.daily', { from: addDays(closedDay, -34), to: closedDay }))
    expect(Object.values(await states('analytics.daily'))).toEqual(Array.from({ length: 35 }, () => 'done'))
    for (const run of await runs()) expect(run).toMatchObject({ ended: true, failed: 0 })
  })

  it('a tick catches up eight weeks without a report, with the days that they need', async () => {
    await parts.workOff(tickOf('report.generate'))
    const reported = await states('report.generate')
    expect(Object.values(reported)).toEqual(Array.from({ length: 8 }, () => 'done'))
    const lastMonday = Object.keys(reported).at(-1) ?? ''
    // It is the last closed week.
    expect(addDays(lastMonday, 6) <= closedDay && addDays(lastMonday, 13) > closedDay).toBe(true)
    expect(Object.keys(await states('analytics.daily'))).toHaveLength(56)
    expect(await runs()).toMatchObject([{ task: 'report.generate', periods: 8, done: 8 }])
    expect(await parts.workOff(tickOf('report.generate'))).toBe(1)
  })

  it('a long backfill does not delay the day that a tick plans', async () => {
    const before = parts.broker.events.length
    await parts.deliver(commandOf('analytics.daily', { from: '2025-01-01', to: '2025-12-31' }))
    await parts.deliver(commandOf('analytics.daily', { from: closedDay, to: closedDay }))
    const steps = parts.broker.events.slice(before).map(({ data }) => (data as { period: string }).period)
    expect(steps).toEqual(['2025-12-31', closedDay])
  })

  it('a command with a "run_id" can be followed even when there is nothing to do, and is handled once', async () => {
    const range = { from: '2026-03-02', to: '2026-03-04' }
    await parts.workOff(commandOf('analytics.daily', range))
    const followed = commandOf('analytics.daily', { ...range, run_id: randomUUID() })
    expect([await parts.workOff(followed), await parts.workOff(followed)]).toEqual([1, 1])
    expect(await rejections()).toEqual([])
    expect((await runs())[1]).toMatchObject({ periods: 0, done: 0, ended: true, ordered_by: '/growbin/test' })

    const taken = commandOf('analytics.daily', { ...range, run_id: (followed.data as { run_id: string }).run_id })
    expect(await parts.deliver(taken)).toBe(202)
    expect(await rejections()).toEqual([{ reason: 'run_id_taken' }])
    expect(await runs()).toHaveLength(2)
  })

  it.each([
    ['that ends before it starts', 'analytics.daily', { from: '2026-03-04', to: '2026-03-02' }, 'invalid_data'],
    ['of over 400 days', 'analytics.daily', { from: '2025-01-01', to: '2026-02-05' }, 'invalid_data'],
    ['with an invalid calendar day', 'analytics.daily', { from: '2026-02-30', to: '2026-03-02' }, 'invalid_data'],
    ['without a whole week', 'report.generate', { from: '2026-03-03', to: '2026-03-10' }, 'no_period'],
    ['that ends in the future', 'analytics.daily', { from: '2026-03-02', to: '2027-03-02' }, 'not_over'],
  ] as const)('a range %s is rejected and recorded', async (_, task, range, reason) => {
    const valid = commandOf(task, { from: '2026-03-02', to: '2026-03-08' })
    expect(await parts.deliver({ ...valid, data: range })).toBe(202)
    expect(await rejections()).toEqual([{ reason }])
    expect(await states(task)).toEqual({})
  })

  it('a day is not counted before it is closed, late transactions included', async () => {
    const today = addDays(closedDay, 1)
    expect(await parts.deliver(commandOf('analytics.daily', { from: today, to: today }))).toBe(202)
    expect(await rejections()).toEqual([{ reason: 'not_over' }])
    expect(await parts.deliver(commandOf('analytics.daily', { from: closedDay, to: closedDay }))).toBe(204)
  })

  describe('when the command of a step is lost', () => {
    const range = { from: '2026-03-02', to: '2026-03-03' }
    const loseFirstStep = async () => {
      expect(await parts.deliver(commandOf('analytics.daily', range))).toBe(204)
      await parts.database.query(
        `update events.batch_periods set updated_at = now() - interval '3 minutes' where state = 'running'`,
      )
    }

    it('the next tick publishes its command again, under the same fencing token, and the run ends', async () => {
      await loseFirstStep()
      const before = parts.broker.events.length
      expect(await parts.deliver(tickOf('batch.resume'))).toBe(204)
      const [lost, resumed] = parts.broker.events.slice(before - 1) as [JsonCloudEvent, JsonCloudEvent]
      expect(resumed.data).toEqual(lost.data)
      expect(resumed.id).not.toBe(lost.id)
      await parts.workOff(resumed)
      expect(await states('analytics.daily')).toEqual({ '2026-03-02': 'done', '2026-03-03': 'done' })
      // The first command was only late.
      const end = parts.broker.events.length
      expect(await parts.deliver(lost)).toBe(204)
      expect(parts.broker.events).toHaveLength(end)
      expect(await runs()).toMatchObject([{ done: 2, ended: true }])
    })

    it('work that makes progress is left alone', async () => {
      await parts.deliver(commandOf('analytics.daily', range))
      expect(await parts.workOff(tickOf('batch.resume'))).toBe(1)
      expect(await states('analytics.daily')).toEqual({ '2026-03-02': 'waiting', '2026-03-03': 'running' })
    })

    it('a period without progress for an hour fails with its last error, and the others continue', async () => {
      await loseFirstStep()
      await parts.database.query(
        `update events.batch_periods set resumes = 12, last_error = 'objects_unavailable' where state = 'running'`,
      )
      await parts.workOff(tickOf('batch.resume'))
      expect(await states('analytics.daily')).toEqual({ '2026-03-02': 'done', '2026-03-03': 'failed' })
      const [run] = await parts.database.query(
        'select done, failed, failures, ended_at is not null as ended from events.batch_runs',
      )
      expect(run).toEqual({
        done: 1,
        failed: 1,
        failures: [{ period: '2026-03-03', reason: 'objects_unavailable' }],
        ended: true,
      })
      // A new command retries the failed period and keeps the done one.
      expect(await parts.workOff(commandOf('analytics.daily', range))).toBe(2)
      expect(await states('analytics.daily')).toEqual({ '2026-03-02': 'done', '2026-03-03': 'done' })
    })

    it('a waiting period that nothing started is started', async () => {
      await parts.database.query(
        `insert into events.batch_periods (task, period, state) values ('analytics.daily', '2026-03-02', 'waiting')`,
      )
      await parts.workOff(tickOf('batch.resume'))
      expect(await states('analytics.daily')).toEqual({ '2026-03-02': 'done' })
    })
  })
})
