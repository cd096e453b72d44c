import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { UnavailableError } from '../../_lib/http/errors.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { createOutbox } from '../../_lib/messaging/outbox.pg.ts'
import { createPublisher, type PublishEvent, UnpublishableEventError } from '../../_lib/messaging/publish-event.ts'
import type { LogFields } from '../../_lib/process/log.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { testSignatures } from '../../_lib/testing/test-event-keys.ts'
import { createBatchRelay } from './relay-batch.pg.ts'

let server: TestDatabase
let database: Database
beforeAll(async () => {
  server = await createTestDatabase()
  database = server.openAs('events')
})
afterEach(() => server.query('truncate events.outbox'))
afterAll(() => server.close())

const createEvent = (): JsonCloudEvent => ({
  specversion: '1.0',
  id: createUuidV7(),
  source: '/growbin/test',
  type: 'app.growbin.ai.image.analyze.v1',
  datacontenttype: 'application/json',
  data: { text: '한글' },
  extensions: { queue: 'ai' },
})

/** Inserts events that have been due for `agoSeconds`, the first one longest. */
async function insertDue(count: number, agoSeconds = 100): Promise<JsonCloudEvent[]> {
  const events = Array.from({ length: count }, createEvent)
  await server.query(
    `insert into events.outbox (event_id, event, next_at)
     select (event ->> 'id')::uuid, event, now() - make_interval(secs => $2::float8 - place / 1000.0)
     from jsonb_array_elements($1::jsonb) with ordinality as given (event, place)`,
    [JSON.stringify(events), agoSeconds],
  )
  return events
}

type Row = { state: string; attempts: number; last_error: string | null; delay: number }
const rowsOf = () =>
  server.query<Row>(
    `select case when parked_at is not null then 'parked' when sent_at is not null then 'sent' else 'due' end as state,
       attempts, last_error, round(extract(epoch from next_at - now()))::int as delay
     from events.outbox order by outbox_id`,
  )

function createRecorder() {
  const published: JsonCloudEvent[] = []
  const publish: PublishEvent = async (event) => void published.push(event)
  return { published, publish, ids: () => published.map((event) => event.id) }
}
const unavailable: PublishEvent = async () => {
  throw new UnavailableError('broker', 'The broker did not answer')
}

describe('the relay publishes', () => {
  it('the event as it was written, once', async () => {
    const [event] = await insertDue(1)
    const { publish, published } = createRecorder()
    const relayBatch = createBatchRelay({ database, publish, log: silentLog })
    expect(await relayBatch()).toEqual({ sent: 1, failed: 0, parked: 0 })
    expect(await relayBatch()).toEqual({ sent: 0, failed: 0, parked: 0 })
    expect(published).toEqual([event])
    expect(await rowsOf()).toMatchObject([{ state: 'sent', attempts: 1, last_error: null }])
  })

  it('by due time and not by id, in batches of 50', async () => {
    const late = await insertDue(30, 50)
    const early = await insertDue(30, 100)
    const { publish, ids } = createRecorder()
    const relayBatch = createBatchRelay({ database, publish, log: silentLog })
    expect(await relayBatch()).toMatchObject({ sent: 50 })
    expect(await relayBatch()).toMatchObject({ sent: 10 })
    expect(ids()).toEqual([...early, ...late].map((event) => event.id))
  })

  it('nothing before its due time by the clock of the database', async () => {
    const { publish, published } = createRecorder()
    const outbox = createOutbox({ database, publish, log: silentLog })
    const event = createEvent()
    await database.transaction((tx) => outbox.append(tx, event, 60))
    const relayBatch = createBatchRelay({ database, publish, log: silentLog })
    expect(await relayBatch()).toEqual({ sent: 0, failed: 0, parked: 0 })
    await server.query("update events.outbox set next_at = next_at - interval '61 seconds'")
    expect(await relayBatch()).toMatchObject({ sent: 1 })
    expect(published).toEqual([event])
  })

  it('nothing of an uncommitted transaction', async () => {
    const { publish, published } = createRecorder()
    const outbox = createOutbox({ database, publish, log: silentLog })
    await database.transaction(async (tx) => {
      await outbox.append(tx, createEvent(), 0)
      expect(await createBatchRelay({ database, publish, log: silentLog })()).toMatchObject({ sent: 0 })
    })
    expect(await createBatchRelay({ database, publish, log: silentLog })()).toMatchObject({ sent: 1 })
    expect(published).toHaveLength(1)
  })
})

it('a crash between publishing and committing publishes an event twice under one id, and never loses it', async () => {
  const events = await insertDue(3)
  const { publish, ids } = createRecorder()
  const crashing: Database = {
    ...database,
    transaction: (work) =>
      database.transaction(async (tx) => {
        await work(tx)
        throw new Error('killed before the commit')
      }),
  }
  await expect(createBatchRelay({ database: crashing, publish, log: silentLog })()).rejects.toThrow('killed')
  expect(await rowsOf()).toMatchObject(Array(3).fill({ state: 'due', attempts: 0 }))
  await createBatchRelay({ database, publish, log: silentLog })()
  const given = events.map((event) => event.id)
  expect(ids()).toEqual([...given, ...given])
})

it('five relays at once publish each of 500 events once', async () => {
  const events = await insertDue(500)
  const { publish, ids } = createRecorder()
  const relays = Array.from({ length: 5 }, async () => {
    const relayBatch = createBatchRelay({ database: server.openAs('events'), publish, log: silentLog })
    let batches = 0
    for (; (await relayBatch()).sent > 0; ) batches += 1
    return batches
  })
  const batches = await Promise.all(relays)
  expect(batches.reduce((sum, one) => sum + one)).toBeGreaterThanOrEqual(10)
  expect(ids().sort()).toEqual(events.map((event) => event.id).sort())
})

describe('an unavailable broker', () => {
  it('leaves the rows, which are retried after 1, 2 and then 4 seconds', async () => {
    await insertDue(2)
    const relayBatch = createBatchRelay({ database, publish: unavailable, log: silentLog })
    const delays = []
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      expect(await relayBatch()).toEqual({ sent: 0, failed: 2, parked: 0 })
      expect(await relayBatch()).toEqual({ sent: 0, failed: 0, parked: 0 })
      const [row] = await rowsOf()
      expect(row).toMatchObject({ state: 'due', attempts: attempt, last_error: 'The broker did not answer' })
      delays.push(row?.delay)
      await server.query('update events.outbox set next_at = now()')
    }
    expect(delays).toEqual([1, 2, 4, 4, 4, 4])
    const { publish } = createRecorder()
    expect(await createBatchRelay({ database, publish, log: silentLog })()).toMatchObject({ sent: 2 })
  })

  it('delays one event, and takes the others', async () => {
    const [, second] = await insertDue(3)
    const { publish } = createRecorder()
    const failingOnce: PublishEvent = async (event) => (event.id === second?.id ? unavailable(event) : publish(event))
    expect(await createBatchRelay({ database, publish: failingOnce, log: silentLog })()).toEqual({
      sent: 2,
      failed: 1,
      parked: 0,
    })
    expect((await rowsOf()).map((row) => row.state)).toEqual(['sent', 'due', 'sent'])
  })

  it('keeps the rows of a batch locked for one deadline when it accepts connections and never answers', async () => {
    await insertDue(50)
    const silent: typeof fetch = (_, init) =>
      new Promise((__, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))
      })
    const publish = createPublisher({
      sign: testSignatures.sign,
      brokerUrl: 'http://silent.test/',
      maxAttempts: 1,
      timeoutMs: 100,
      fetch: silent,
    })
    const startedMs = performance.now()
    expect(await createBatchRelay({ database, publish, log: silentLog })()).toEqual({ sent: 0, failed: 50, parked: 0 })
    expect(performance.now() - startedMs).toBeLessThan(2_000)
  })
})

it('a frozen relay loses its rows to another relay, and then its transaction', async () => {
  const [event] = await insertDue(1)
  const freeze = Promise.withResolvers<void>()
  const holding = Promise.withResolvers<void>()
  const frozen = createBatchRelay({
    database,
    publish: () => {
      holding.resolve()
      return freeze.promise
    },
    log: silentLog,
    idleMsMax: 100,
  })()
  await holding.promise
  const { publish, published } = createRecorder()
  const relayBatch = createBatchRelay({ database, publish, log: silentLog })
  // Released in any case: an open transaction would block every other test.
  frozen.catch(() => undefined)
  await expect
    .poll(async () => (await relayBatch()).sent, { timeout: 10_000 })
    .toBe(1)
    .finally(freeze.resolve)
  expect(published).toEqual([event])
  await expect(frozen).rejects.toThrow(UnavailableError)
  expect(await rowsOf()).toMatchObject([{ state: 'sent', attempts: 1 }])
})

describe('an event that can never be published', () => {
  it.each([400, 413])(
    'is parked when the broker answers %i, with an error in the log, and the others are published',
    async (status) => {
      const [, bad] = await insertDue(3)
      const errors: [string, LogFields | undefined][] = []
      const answering: typeof fetch = async (_, init) =>
        new Response(null, { status: new Headers(init?.headers).get('ce-id') === bad?.id ? status : 202 })
      const publish = createPublisher({
        sign: testSignatures.sign,
        brokerUrl: 'http://broker.test/',
        maxAttempts: 1,
        fetch: answering,
      })
      const log = { ...silentLog, error: (message: string, fields?: LogFields) => void errors.push([message, fields]) }
      const relayBatch = createBatchRelay({ database, publish, log })
      expect(await relayBatch()).toEqual({ sent: 2, failed: 0, parked: 1 })
      expect((await rowsOf()).map((row) => row.state)).toEqual(['sent', 'parked', 'sent'])
      expect(errors).toEqual([
        ['An event was parked', { error: expect.any(UnpublishableEventError), event_id: bad?.id }],
      ])
      await server.query('update events.outbox set next_at = now()')
      expect(await relayBatch()).toEqual({ sent: 0, failed: 0, parked: 0 })
    },
  )

  it('is parked when it cannot be serialized', async () => {
    await insertDue(1)
    await server.query(`insert into events.outbox (event_id, event) values (gen_random_uuid(), '{"id": "broken"}')`)
    const answering: typeof fetch = async () => new Response(null, { status: 202 })
    const publish = createPublisher({
      sign: testSignatures.sign,
      brokerUrl: 'http://broker.test/',
      maxAttempts: 1,
      fetch: answering,
    })
    const relayBatch = createBatchRelay({ database, publish, log: silentLog })
    expect(await relayBatch()).toEqual({ sent: 1, failed: 0, parked: 1 })
  })
})
