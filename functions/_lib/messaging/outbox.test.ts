import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import type { JsonCloudEvent } from '../events/cloud-event.ts'
import { UnavailableError } from '../http/errors.ts'
import type { Database } from '../stores/database.pg.ts'
import { silentLog as log } from '../testing/silent-log.ts'
import { createDeadLetterRecorder } from './dead-letters.pg.ts'
import { outbox as outboxTable } from './events-schema.ts'
import { isFirstHandling, recordHandled } from './inbox.pg.ts'
import { createOutbox } from './outbox.pg.ts'

let server: TestDatabase
let database: Database
beforeAll(async () => {
  server = await createTestDatabase()
  database = server.openAs('waste')
})
afterAll(() => server?.close())

const newEvent = (): JsonCloudEvent => ({
  specversion: '1.0',
  id: randomUUID(),
  source: '/growbin/test',
  type: 'app.growbin.ai.test.v1',
  datacontenttype: 'application/json',
  data: { text: '가나다' },
  extensions: { queue: 'ai' },
})
const read = async (event: JsonCloudEvent) => {
  const rows = await database.run((db) => db.select().from(outboxTable).where(eq(outboxTable.eventId, event.id)))
  expect(rows.length).toBeLessThanOrEqual(1)
  return rows[0]
}
const published: string[] = []
const publish = async (event: JsonCloudEvent) => {
  published.push(event.id)
}
const timesPublished = (event: JsonCloudEvent) => published.filter((id) => id === event.id).length

test('an event is written with the change that it announces, or not at all', async () => {
  const box = createOutbox({ database, publish, log })
  const [kept, lost] = [newEvent(), newEvent()]
  await database.transaction((tx) => box.append(tx, kept))
  const failing = database.transaction(async (tx) => {
    await box.append(tx, lost)
    throw new Error('the change failed')
  })
  await expect(failing).rejects.toThrow('the change failed')
  expect(await read(kept)).toMatchObject({ event: kept, sentAt: null, attempts: 0, parkedAt: null })
  expect(await read(lost)).toBeUndefined()
  expect(timesPublished(kept)).toBe(0)
})

test('what is published at once is marked, and the relay would not send it again', async () => {
  const box = createOutbox({ database, publish, log })
  const event = newEvent()
  await database.transaction((tx) => box.append(tx, event))
  await box.flush([event])
  expect(timesPublished(event)).toBe(1)
  expect((await read(event))?.sentAt).toBeInstanceOf(Date)
})

test('an event that the broker refuses stays for the relay, and the others are marked as sent', async () => {
  const [taken, refused] = [newEvent(), newEvent()]
  const picky = async (event: JsonCloudEvent) => {
    if (event.id === refused.id) throw new UnavailableError('broker', 'unavailable')
  }
  const box = createOutbox({ database, publish: picky, log })
  await database.transaction(async (tx) => {
    await box.append(tx, taken)
    await box.append(tx, refused)
  })
  await box.flush([taken, refused])
  expect((await read(taken))?.sentAt).toBeInstanceOf(Date)
  expect((await read(refused))?.sentAt).toBeNull()
})

test('a crash between publishing and marking costs a duplicate, and never the event', async () => {
  const dying: Database = { ...database, run: () => Promise.reject(new UnavailableError('postgresql', 'unavailable')) }
  const event = newEvent()
  await database.transaction((tx) => createOutbox({ database, publish, log }).append(tx, event))
  await createOutbox({ database: dying, publish, log }).flush([event])
  expect(timesPublished(event)).toBe(1)
  expect((await read(event))?.sentAt).toBeNull()
})

test('a redrive publishes the event again under its own id, also one that was parked', async () => {
  const box = createOutbox({ database, publish, log })
  const event = newEvent()
  await database.transaction((tx) => box.append(tx, event))
  await server.query(
    `update events.outbox set sent_at = now(), parked_at = now(), attempts = 9, last_error = 'x' where event_id = $1`,
    [event.id],
  )
  await database.transaction((tx) => box.append(tx, event, 60))
  const row = await read(event)
  expect(row).toMatchObject({ event, sentAt: null, parkedAt: null, attempts: 0, lastError: null })
  expect(row?.nextAt.getTime()).toBeGreaterThan(Date.now() + 50_000)
})

test('an event that a fast consumer appends again while it is being published is not marked as sent', async () => {
  const appendAgain = async (event: JsonCloudEvent) =>
    database.transaction((tx) => createOutbox({ database, publish, log }).append(tx, event, 60))
  const event = newEvent()
  await database.transaction((tx) => createOutbox({ database, publish, log }).append(tx, event))
  await createOutbox({ database, publish: appendAgain, log }).flush([event])
  expect((await read(event))?.sentAt).toBeNull()
})

test('the relay skips a new event for some seconds', async () => {
  const event = newEvent()
  await database.transaction((tx) => createOutbox({ database, publish, log }).append(tx, event))
  const row = await read(event)
  expect((row?.nextAt.getTime() ?? 0) - (row?.createdAt.getTime() ?? 0)).toBeGreaterThanOrEqual(2_000)
})

test('of deliveries at once exactly one is the first, and each consumer counts for itself', async () => {
  const event = newEvent()
  const record = (consumer: string) => database.transaction((tx) => isFirstHandling(tx, consumer, event))
  const firsts = await Promise.all(Array.from({ length: 8 }, () => record('one')))
  expect(firsts.filter(Boolean)).toHaveLength(1)
  expect(await record('two')).toBe(true)
  expect(await database.transaction((tx) => isFirstHandling(tx, 'one', { ...event, source: '/other' }))).toBe(true)
})

test('an effect that fails leaves the event unhandled', async () => {
  const event = newEvent()
  const failing = database.transaction(async (tx) => {
    await recordHandled(tx, 'one', event)
    throw new Error('the effect failed')
  })
  await expect(failing).rejects.toThrow('the effect failed')
  expect(await database.transaction((tx) => isFirstHandling(tx, 'one', event))).toBe(true)
})

test('a dead letter keeps the message and no credential', async () => {
  const id = randomUUID()
  const body = new Uint8Array(70_000).fill(0xff)
  const headers = new Headers({
    'ce-id': id,
    'ce-type': 't',
    'content-type': 'x',
    authorization: 'secret',
    cookie: 'secret',
  })
  const deadLetter = { consumer: 'one', kind: 'rejected', reason: 'not_found', headers, body, verified: true } as const
  await createDeadLetterRecorder(database)(deadLetter)
  const rows = await server.query<{ headers: unknown; body: Buffer; state: string }>(
    'select headers, body, state from events.dead_letters where event_id = $1',
    [id],
  )
  expect(rows).toHaveLength(1)
  expect(rows[0]?.headers).toEqual({ 'ce-id': id, 'ce-type': 't', 'content-type': 'x' })
  expect(rows[0]?.state).toBe('open')
  expect(Buffer.from(body.subarray(0, 65_536)).equals(rows[0]?.body ?? Buffer.of())).toBe(true)
})

test('an event that was handled before does not prevent an effect that is kept single in another way', async () => {
  const event = newEvent()
  const handledAt = () => server.query('select handled_at from events.inbox where event_id = $1', [event.id])
  await database.transaction((tx) => recordHandled(tx, 'one', event))
  const first = await handledAt()
  expect(first).toHaveLength(1)
  await database.transaction((tx) => recordHandled(tx, 'one', event))
  expect(await handledAt()).toEqual(first)
})
