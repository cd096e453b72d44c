import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestParts } from '../../../scripts/local/testing/test-parts.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { type FunctionProcess, spawnFunction } from '../../_lib/testing/run-function.ts'
import { toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import { type BatchParts, commandOf, startBatchParts } from './testing/batch-parts.ts'
import { expectedFigures, seedDay } from './testing/seed-analyses.ts'

let parts: BatchParts
const spawned: FunctionProcess[] = []
beforeAll(async () => {
  parts = await startTestParts().then(startBatchParts)
})
afterAll(async () => {
  await Promise.all(spawned.map((process) => process.kill()))
  await parts?.close()
})

const seeded = { day: '2026-03-02', analyses: 1_000, people: 90 }
const steps = { STEP_MS_MAX: '0', PAGE_ROWS_MAX: '100' }

const spawnBatch = async () => {
  const process = await spawnFunction('jobs-batch-aggregate', { ...parts.environment, ...steps })
  spawned.push(process)
  return process
}
const post = (process: FunctionProcess, event: JsonCloudEvent) =>
  fetch(process.url, { method: 'POST', ...toSignedMessage(event) }).then(
    ({ status }) => status,
    () => 'killed' as const,
  )
const rowsRead = async () => {
  const [row] = await parts.database.query<{ rows_read: string }>('select rows_read from events.batch_periods')
  return Number(row?.rows_read)
}

/** Blocks every step in the middle, after it has locked its period and before it has read its page. */
async function inTheMiddleOfAStep(work: () => Promise<void>): Promise<void> {
  const blocker = parts.database.openAs('waste')
  await blocker.transaction(async (tx) => {
    await tx.execute('lock table waste.model_calls in access exclusive mode')
    await work()
  })
}
const stepIsBlocked = () =>
  expect
    .poll(
      () =>
        parts.database.query(
          `select 1 from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock' and query like '%ended_analyses_v1%'`,
        ),
      { timeout: 30_000, interval: 20 },
    )
    .toHaveLength(1)

it('a day whose process is killed in the middle of steps gets the same figures, from its last checkpoint', async () => {
  await seedDay(parts.database.query, seeded)
  const events = parts.broker.events
  let process = await spawnBatch()
  expect(await post(process, commandOf('analytics.daily', { from: seeded.day, to: seeded.day }))).toBe(204)

  let kills = 0
  const readAt: number[] = []
  for (let next = 0; events[next]; next += 1) {
    const event = events[next] as JsonCloudEvent
    if ([0, 4, 10].includes(next)) {
      const before = await rowsRead()
      const victim = process
      await inTheMiddleOfAStep(async () => {
        const answer = post(victim, event)
        await stepIsBlocked()
        await victim.kill()
        expect(await answer).toBe('killed')
      })
      kills += 1
      expect(await rowsRead()).toBe(before)
      process = await spawnBatch()
    }
    expect(await post(process, event)).toBe(204)
    readAt.push(await rowsRead())
  }
  expect(kills).toBe(3)
  expect(readAt).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000, 1_000])
  const [counted] = await parts.database.query('select figures from events.analytics_days')
  expect(counted?.figures).toEqual(expectedFigures(seeded))
})

it('a process that freezes in a step loses it to another, and changes nothing when it resumes', async () => {
  const day = '2026-03-05'
  await seedDay(parts.database.query, { day, analyses: 150, people: 9 })
  const [frozen, other] = await Promise.all([spawnBatch(), spawnBatch()])
  const before = parts.broker.events.length
  expect(await post(other, commandOf('analytics.daily', { from: day, to: day }))).toBe(204)
  const step = parts.broker.events[before] as JsonCloudEvent

  let answer: Promise<unknown> = Promise.resolve()
  await inTheMiddleOfAStep(async () => {
    answer = post(frozen, step)
    await stepIsBlocked()
    frozen.signal('SIGSTOP')
  })
  // Only after PostgreSQL has ended the idle transaction can another process take the step.
  await expect.poll(() => post(other, step), { timeout: 30_000, interval: 200 }).toBe(204)
  const [followed] = await parts.database.query('select fence, rows_read from events.batch_periods where period = $1', [
    day,
  ])
  expect(followed).toMatchObject({ rows_read: '100' })
  frozen.signal('SIGCONT')
  expect([204, 503]).toContain(await answer)
  expect(
    await parts.database.query('select fence, rows_read from events.batch_periods where period = $1', [day]),
  ).toEqual([followed])
  for (let next = before + 1; parts.broker.events[next]; next += 1) {
    expect(await post(other, parts.broker.events[next] as JsonCloudEvent)).toBe(204)
  }
  const [counted] = await parts.database.query('select figures from events.analytics_days where day = $1', [day])
  expect(counted?.figures).toEqual(expectedFigures({ day, analyses: 150, people: 9 }))
})
