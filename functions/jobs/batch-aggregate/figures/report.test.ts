import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestParts } from '../../../../scripts/local/testing/test-parts.ts'
import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import { type ObjectStore, openObjectStore } from '../../../_lib/stores/s3/object-store.s3.ts'
import { objectStoreOptions } from '../../../_lib/variables/groups.ts'
import { addDays } from '../periods.ts'
import { type BatchParts, commandOf, startBatchParts } from '../testing/batch-parts.ts'
import { expectedFigures, seedDay } from '../testing/seed-analyses.ts'

let parts: BatchParts
let store: ObjectStore
beforeAll(async () => {
  parts = await startTestParts().then(startBatchParts)
  store = openObjectStore(objectStoreOptions(parts.environment as never))
})
afterAll(async () => {
  await store?.close()
  await parts?.close()
})
beforeEach(async () => {
  await parts.database.query(
    `truncate waste.jobs cascade; truncate events.batch_runs, events.batch_periods, events.analytics_days, events.reports,
     events.outbox, events.inbox`,
  )
  for (const key of keys) await store.remove(key)
})

const monday = '2026-03-02'
const sunday = '2026-03-08'
const keys = ['json', 'csv', 'ko.md', 'en.md'].map((ending) => `reports/weekly/2026-W10/report.${ending}`)
const [jsonKey = ''] = keys
const command = (again = false) => commandOf('report.generate', { from: monday, to: sunday, again })
const read = async (key: string) => new TextDecoder().decode(await store.read(key, 1_000_000))
const readAll = () => Promise.all(keys.map(read))
const hash = (text: string) => createHash('sha256').update(text).digest('hex')
type ReportRow = { object_key: string; sha256: string; objects: { key: string; sha256: string }[]; figures: object }
const reportRow = async () => (await parts.database.query<ReportRow>('select * from events.reports'))[0]
const seedWeek = async () => {
  // Every other day, so that the noise around a seeded day falls on days that are not seeded.
  const days = [0, 2, 4, 6].map((offset) => ({ day: addDays(monday, offset), analyses: 440, people: 40 }))
  for (const day of days) await seedDay(parts.database.query, day)
  return days.map(expectedFigures)
}

describe('the report of a week', () => {
  it('sums its days, counting missing ones first, into four objects and a row that describes them', async () => {
    const days = await seedWeek()
    await parts.workOff(command())
    const figures = JSON.parse(await read(jsonKey))
    const sum = (pick: (day: (typeof days)[number]) => number) => days.reduce((total, day) => total + pick(day), 0)
    // Two noise jobs per seeded day end just outside it, on days that are not seeded.
    const noise = { analyses: 6, failed: 6 }
    expect(figures).toMatchObject({
      week: '2026-W10',
      from: monday,
      to: sunday,
      analyses: sum((day) => day.analyses) + noise.analyses,
      completed: sum((day) => day.completed),
      failed: sum((day) => day.failed) + noise.failed,
      model_calls: sum((day) => day.model_calls),
      input_tokens: sum((day) => day.input_tokens),
      wait: { p50: days[0]?.wait.p50, p95: days[0]?.wait.p95 },
      people_a_day: { max: 40 },
    })
    const { objects, ...row } = (await reportRow()) ?? { objects: [] }
    expect(row).toMatchObject({ object_key: jsonKey, sha256: hash(await read(jsonKey)), figures })
    expect(objects.map(({ key }) => key)).toEqual(keys)
    for (const { key, sha256 } of objects) expect([key, hash(await read(key))]).toEqual([key, sha256])
    expect(await read(keys[2] ?? '')).toContain('# 주간 보고서 2026-W10')
    expect(await read(keys[3] ?? '')).toContain('| Analyses | 1,766 |')
    expect(
      await parts.database.query(
        `select task, state, count(*)::int from events.batch_periods group by 1, 2 order by 1`,
      ),
    ).toEqual([
      { task: 'analytics.daily', state: 'done', count: 7 },
      { task: 'report.generate', state: 'done', count: 1 },
    ])
  })

  it('is byte-identical when it is written again, and differs when a day has changed', async () => {
    await seedWeek()
    await parts.workOff(command())
    const [before, row] = [await readAll(), await reportRow()]
    await parts.workOff(command(true))
    expect(await readAll()).toEqual(before)
    expect((await reportRow())?.sha256).toBe(row?.sha256)

    await parts.database.query(`delete from waste.jobs where job_id = (select job_id from waste.results limit 1)`)
    await parts.workOff(commandOf('analytics.daily', { from: monday, to: sunday, again: true }))
    await parts.workOff(command(true))
    expect((await readAll())[0]).not.toBe(before[0])
    expect((await reportRow())?.sha256).toBe(hash(await read(jsonKey)))
  })

  it('that crashed between its objects and its row is written again under the same keys', async () => {
    await seedWeek()
    await parts.workOff(commandOf('analytics.daily', { from: monday, to: sunday }))
    await parts.database.query(`
      create function events.crash() returns trigger language plpgsql as $$ begin raise 'crash'; end $$;
      create trigger crash before insert on events.reports execute function events.crash()`)
    const before = parts.broker.events.length
    await parts.deliver(command())
    const step = parts.broker.events[before] as JsonCloudEvent
    expect(await parts.deliver(step)).toBe(503)
    const written = await readAll()
    expect(written[0]).toContain('2026-W10')
    expect(await reportRow()).toBeUndefined()

    await parts.database.query('drop trigger crash on events.reports; drop function events.crash()')
    await parts.workOff(step)
    expect(await readAll()).toEqual(written)
    expect((await reportRow())?.sha256).toBe(hash(written[0] ?? ''))
  })

  it('is retried while the object store is unavailable, and writes no row before the objects', async () => {
    await parts.workOff(commandOf('analytics.daily', { from: monday, to: sunday }))
    const before = parts.broker.events.length
    await parts.deliver(command())
    const step = parts.broker.events[before] as JsonCloudEvent
    expect(await parts.deliver(step, { S3_ENDPOINT: 'http://127.0.0.1:1' })).toBe(503)
    expect(await reportRow()).toBeUndefined()
    expect(await parts.database.query(`select last_error from events.batch_periods where state = 'running'`)).toEqual([
      { last_error: 'objects_unavailable' },
    ])
    await parts.workOff(step)
    expect(await reportRow()).toBeDefined()
  })

  it('fails with a reason when one of its days could not be counted', async () => {
    await parts.database.query(
      `insert into events.batch_periods (task, period, state, ended_at) values ('analytics.daily', '2026-03-04', 'failed', now())`,
    )
    await parts.workOff(command())
    expect(await parts.database.query('select failed, failures from events.batch_runs')).toEqual([
      { failed: 1, failures: [{ period: monday, reason: 'day_not_counted' }] },
    ])
    expect(await reportRow()).toBeUndefined()
  })
})
