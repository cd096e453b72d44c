import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import type { Database } from '../stores/database.pg.ts'
import { createDeadLetterRecorder, type DeadLetter, unverifiedPerHourMax } from './dead-letters.pg.ts'

let server: TestDatabase
beforeAll(async () => {
  server = await createTestDatabase()
})
afterAll(() => server?.close())
beforeEach(() => server.query('truncate events.dead_letters'))

const letter = (over: Partial<DeadLetter> = {}): DeadLetter => ({
  consumer: 'waste-ai-analyze',
  kind: 'rejected',
  reason: 'unsigned',
  headers: new Headers({ 'ce-id': randomUUID(), 'user-agent': 'x'.repeat(10_000), 'ce-note': 'y'.repeat(3_000) }),
  body: new Uint8Array(70_000),
  verified: false,
  ...over,
})
const hourMs = 3_600_000
const count = async () => (await server.query('select 1 from events.dead_letters')).length

test('a flood of unsigned posts through several instances leaves a bounded number of small rows', async () => {
  // With the right of a domain, which may insert and not read.
  const instances = [1, 2, 3].map(() => createDeadLetterRecorder(server.openAs('waste'), () => 10 * hourMs))
  const kept = await Promise.all(
    Array.from({ length: 3 * unverifiedPerHourMax }, (_, n) => instances[n % 3]?.(letter()) ?? false),
  )
  expect(await count()).toBe(kept.filter(Boolean).length)
  expect(await count()).toBeLessThanOrEqual(unverifiedPerHourMax)
  expect(await count()).toBeGreaterThan(unverifiedPerHourMax / 3)
  // As text, since PostgreSQL stores ten thousand equal letters in a few bytes.
  expect(
    await server.query(
      `select distinct array(select jsonb_object_keys(headers) order by 1) as kept,
         octet_length(headers::text) + length(body) < 9000 as small
       from events.dead_letters`,
    ),
  ).toEqual([{ kept: ['ce-id', 'ce-note'], small: true }])
})

test('one instance stores exactly as many as an hour allows, and begins anew with the next', async () => {
  let nowMs = 10 * hourMs
  const record = createDeadLetterRecorder(server.openAs('waste'), () => nowMs)
  for (let n = 0; n < unverifiedPerHourMax; n += 1) expect(await record(letter())).toBe(true)
  expect(await record(letter())).toBe(false)
  nowMs += hourMs
  expect(await record(letter())).toBe(true)
  expect(await count()).toBe(unverifiedPerHourMax + 1)
})

test('a message that could not be written while PostgreSQL was unavailable does not count', async () => {
  const database = server.openAs('waste')
  let isUnavailable = true
  const run: Database['run'] = (query) =>
    isUnavailable ? Promise.reject(new Error('unavailable')) : database.run(query)
  const record = createDeadLetterRecorder({ ...database, run }, () => 10 * hourMs)
  for (let n = 0; n < unverifiedPerHourMax + 5; n += 1) await expect(record(letter())).rejects.toThrow('unavailable')
  isUnavailable = false
  for (let n = 0; n < unverifiedPerHourMax; n += 1) expect(await record(letter())).toBe(true)
})

test.each([true, false])(
  'a letter (verified: %s) says whom the dispatcher named, and of which trace it is',
  async (verified) => {
    const record = createDeadLetterRecorder(server.openAs('events'), () => 10 * hourMs)
    const traced = (headers: Record<string, string>) =>
      record(letter({ verified, reportedConsumer: 'waste-ai-analyze', headers: new Headers(headers) }))
    await traced({ traceparent: 'of the delivery', 'ce-traceparent': 'of the event' })
    await traced({ 'ce-traceparent': 'of the event' })
    const rows = await server.query(
      'select reported_consumer, traceparent from events.dead_letters order by traceparent',
    )
    expect(rows).toEqual([
      { reported_consumer: 'waste-ai-analyze', traceparent: 'of the delivery' },
      { reported_consumer: 'waste-ai-analyze', traceparent: 'of the event' },
    ])
  },
)

test('a dead letter cannot exceed the limit by naming other consumers', async () => {
  const record = createDeadLetterRecorder(server.openAs('events'), () => 10 * hourMs)
  for (let n = 0; n < unverifiedPerHourMax + 5; n += 1)
    await record(letter({ kind: 'dead_letter', consumer: `c-${n}` }))
  expect(await count()).toBe(unverifiedPerHourMax)
})

test('a rejected message of a verified producer is stored each time, up to 64 KiB of it', async () => {
  const record = createDeadLetterRecorder(server.openAs('waste'), () => 10 * hourMs)
  for (let n = 0; n < unverifiedPerHourMax + 5; n += 1) {
    expect(await record(letter({ verified: true, reason: 'invalid_data' }))).toBe(true)
  }
  expect(await count()).toBe(unverifiedPerHourMax + 5)
  expect(await server.query('select distinct length(body) as bytes from events.dead_letters')).toEqual([
    { bytes: 65_536 },
  ])
})
