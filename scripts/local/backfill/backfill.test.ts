import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { batchAnalyticsDailyV1 } from '../../../functions/_contracts/events/batch-analytics-daily.v1.ts'
import type { BatchRange } from '../../../functions/_contracts/events/batch-range.v1.ts'
import { createDeadLetterRecorder } from '../../../functions/_lib/messaging/dead-letters.pg.ts'
import { type BrokerStub, startBrokerStub } from '../../../functions/_lib/testing/broker-stub.ts'
import { type RunningFunction, runFunction } from '../../../functions/_lib/testing/run-function.ts'
import { start } from '../../../functions/events/operate/main.ts'
import { publicKeySet, readOrCreateSecrets } from '../platform/environment/secrets.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'

let database: TestDatabase
let operate: RunningFunction
let broker: BrokerStub
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'backfill-'))
  database = await createTestDatabase()
  broker = await startBrokerStub()
  const { operatorKey } = await readOrCreateSecrets(directory)
  operate = await runFunction(start, {
    DATABASE_URL: database.urlOf('events'),
    OPERATOR_PUBLIC_KEYS: JSON.stringify(publicKeySet(operatorKey)),
  })
})
afterAll(async () => {
  await operate?.close()
  await broker?.close()
  await database?.close()
  await rm(directory, { recursive: true })
})
beforeEach(() => {
  broker.events.length = 0
  broker.onEvent(undefined)
})

const run = (...args: string[]) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    const all = [join(import.meta.dirname, 'backfill.ts'), ...args]
    execFile(
      process.execPath,
      [...all, '--base-url', operate.url, '--broker-url', broker.url, '--data', directory],
      (error, out, err) => resolve({ code: error?.code ?? 0, out, err }),
    )
  })
const days = ['analytics.daily', '--from', '2026-03-02', '--to', '2026-03-04']

/** Accepts the command as the function does, and ends the run like this. */
const acceptCommand = (done: number, failures: { period: string; reason: string }[] = []) =>
  broker.onEvent(async ({ data }) => {
    await database.query(
      `insert into events.batch_runs (run_id, task, first_day, last_day, again, ordered_by, periods, done, failed, failures, ended_at)
       values ($1, 'analytics.daily', '2026-03-02', '2026-03-04', true, '/test', $2, $3, $4, $5, now())`,
      [(data as BatchRange).run_id, done + failures.length, done, failures.length, JSON.stringify(failures)],
    )
  })

test('one event requests the whole range, and the command ends when the run does', async () => {
  acceptCommand(2)
  const ended = await run(...days, '--again')
  expect(ended).toMatchObject({ code: 0, err: '' })
  expect(ended.out).toContain('100.0% 2/2 days')
  expect(ended.out).toContain('✓ 2 done, 1 before')
  expect(broker.events).toHaveLength(1)
  const [event] = broker.events
  expect(event).toMatchObject({ type: batchAnalyticsDailyV1.type, source: '/growbin/scripts/backfill' })
  expect(event?.extensions.queue).toBe('batch')
  expect(batchAnalyticsDailyV1.schema.parse(event?.data)).toMatchObject({
    from: '2026-03-02',
    to: '2026-03-04',
    again: true,
  })
})

test('a run that fails ends the command with 1 and the reason', async () => {
  acceptCommand(2, [{ period: '2026-03-03', reason: 'objects_unavailable' }])
  const ended = await run(...days)
  expect(ended.code).toBe(1)
  expect(ended.err).toContain('1 of 3 failed: 2026-03-03 (objects_unavailable)')
})

test('a command that is rejected, or that no function accepts, ends with 1', async () => {
  expect(await run(...days, '--patience', '1')).toMatchObject({
    code: 1,
    err: expect.stringContaining('No function has accepted the command for 1 s'),
  })
  broker.onEvent(async (event) => {
    const headers = new Headers({ 'ce-id': event.id, 'ce-type': event.type })
    const rejected = {
      consumer: 'jobs-batch-aggregate',
      kind: 'rejected',
      reason: 'not_over',
      headers,
      verified: true,
    } as const
    await createDeadLetterRecorder(database.openAs('events'))({ ...rejected, body: new Uint8Array() })
  })
  expect(await run(...days)).toMatchObject({ code: 1, err: expect.stringContaining('rejected: "not_over"') })
})

test('nothing is sent by a dry run, by a wrong range, or with a token that is refused', async () => {
  const dry = await run(...days, '--dry-run')
  expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('Would request 3 days; nothing was sent') })
  const wrong = [
    ['analytics.daily', '--from', '2026-03-04', '--to', '2026-03-02'],
    ['analytics.daily', '--from', '2026-03-04', '--to', '2999-03-02'],
    ['analytics.daily', '--from', '2026-02-30', '--to', '2026-03-02'],
    ['report.generate', '--from', '2026-03-03', '--to', '2026-03-09'],
    ['analytics.hourly', '--from', '2026-03-02', '--to', '2026-03-02'],
    ['analytics.daily', '--from', '2026-03-02'],
  ]
  for (const args of wrong) expect([args, (await run(...args)).code]).toEqual([args, 2])
  const noDay = await run('analytics.daily', '--from', '2026-02-30', '--to', '2026-03-02')
  expect(noDay.err.split('\n')[0]).toBe('"--from": expected a day, such as 2026-03-02')
  expect((await run(...days, '--token', 'x')).code).toBe(4)
  expect(broker.events).toEqual([])
})
