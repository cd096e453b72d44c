import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { type RunningFunction, runFunction } from '../../_lib/testing/run-function.ts'
import { signHeaders, testEventKeys } from '../../_lib/testing/test-event-keys.ts'
import { createTestKeys, signTestOperatorToken, type TestKeys } from '../../_lib/testing/test-keys.ts'
import { start as startArchive } from '../dead-letter/main.ts'
import { start } from './main.ts'

let database: TestDatabase
let archive: RunningFunction
let operate: RunningFunction
let keys: TestKeys
beforeAll(async () => {
  database = await createTestDatabase()
  keys = await createTestKeys()
  const environment = { DATABASE_URL: database.urlOf('events'), EVENT_KEYS: testEventKeys }
  archive = await runFunction(startArchive, {
    ...environment,
    WASTE_DATABASE_URL: database.urlOf('waste'),
    REDIS_URL: 'redis://127.0.0.1:1',
  })
  operate = await runFunction(start, { ...environment, OPERATOR_PUBLIC_KEYS: JSON.stringify(keys.publicKeys) })
})
afterAll(async () => {
  await Promise.all([archive?.close(), operate?.close()])
  await database?.close()
})
beforeEach(() => database.query('truncate events.dead_letters, events.outbox'))

const traceId = '0af7651916cd43dd8448eb211c80319c'
const headersOf = (changes: Record<string, string> = {}): Record<string, string> => ({
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-id': randomUUID(),
  'ce-source': '/growbin/tester',
  'ce-type': 'app.growbin.api.test.v1',
  'ce-subject': 'thing-1',
  'ce-time': '2026-03-02T05:04:10.412Z',
  'ce-queue': 'api',
  'ce-traceparent': `00-${traceId}-b7ad6b7169203331-01`,
  'ce-knativeerrordest': 'http://jobs-external-call.jobs.svc.cluster.local/',
  'ce-knativeerrorcode': '503',
  'ce-knativeerrordata': 'c29ycnk=',
  ...changes,
})

/** Archives a message as the broker delivers it; returns the id of its row. */
async function archiveDeadLetter(
  changes: Record<string, string> = {},
  body: string | Uint8Array = '{"n":1}',
  headers = headersOf(changes),
  sign = true,
): Promise<string> {
  const known = new Set((await deadLetters()).map((row) => row.dead_letter_id))
  const response = await fetch(archive.url, {
    method: 'POST',
    headers: sign ? signHeaders(headers, body) : headers,
    body: Buffer.from(body),
  })
  expect(response.status).toBe(204)
  return (await deadLetters()).find((row) => !known.has(row.dead_letter_id))?.dead_letter_id ?? ''
}
type Row = { dead_letter_id: string; state: string; deliveries: number; replayed_by: string | null }
const deadLetters = () => database.query<Row>('select * from events.dead_letters order by dead_letter_id')
const outbox = () =>
  database.query<{ event: JsonCloudEvent; due: boolean }>(
    'select event, next_at <= now() and sent_at is null as due from events.outbox order by outbox_id',
  )
async function call(path: string, body?: unknown) {
  const response = await fetch(`${operate.url}/api/v1/operations/dead-letters${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${await signTestOperatorToken(keys, { claims: { sub: 'kim' } })}`,
      'content-type': 'application/json',
      'accept-language': 'en',
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: answers of five routes, asserted field by field
  return { status: response.status, body: (await response.json()) as any }
}

describe('a replay', () => {
  it('writes the original event into the outbox, in its own trace, without the attributes of the dispatcher', async () => {
    const headers = headersOf({ 'ce-id': 'any text, not a UUID' })
    const id = await archiveDeadLetter({}, '{"n":1}', headers)
    expect(await call(`/${id}/replay`, {})).toEqual({ status: 200, body: { replayed: true, trace_id: traceId } })
    expect(await outbox()).toEqual([
      {
        due: true,
        event: {
          specversion: '1.0',
          id: 'any text, not a UUID',
          source: '/growbin/tester',
          type: 'app.growbin.api.test.v1',
          subject: 'thing-1',
          time: '2026-03-02T05:04:10.412Z',
          datacontenttype: 'application/json',
          data: { n: 1 },
          extensions: { queue: 'api', traceparent: expect.stringMatching(`^00-${traceId}-[0-9a-f]{16}-01$`) },
        },
      },
    ])
    expect((await outbox())[0]?.event.extensions.traceparent).not.toBe(headers['ce-traceparent'])
    expect(await deadLetters()).toMatchObject([
      { state: 'replayed', replayed_by: 'kim', replayed_at: expect.any(Date) },
    ])
  })

  it('happens once for concurrent requests, unless it is forced', async () => {
    const id = await archiveDeadLetter()
    const answers = await Promise.all(Array.from({ length: 8 }, () => call(`/${id}/replay`, {})))
    expect(answers.filter(({ body }) => body.replayed)).toHaveLength(1)
    expect(answers.every(({ status, body }) => status === 200 && body.trace_id === traceId)).toBe(true)
    expect(await outbox()).toHaveLength(1)
    expect((await call(`/${id}/replay`, { force: true })).body.replayed).toBe(true)
    expect(await outbox()).toHaveLength(2)
  })

  it('whose event fails again reopens the same row and publishes nothing by itself', async () => {
    const headers = headersOf()
    const id = await archiveDeadLetter({}, '{}', headers)
    await call(`/${id}/replay`, {})
    await archiveDeadLetter({}, '{}', headers)
    expect(await deadLetters()).toMatchObject([
      { dead_letter_id: id, state: 'open', deliveries: 2, replayed_by: 'kim' },
    ])
    expect(await outbox()).toHaveLength(1)
    expect((await call(`/${id}/replay`, {})).body.replayed).toBe(true)
  })

  it('leaves an event in the outbox that waits for the relay under the same id unchanged', async () => {
    const headers = headersOf()
    await database.query(`insert into events.outbox (event_id, event) values ($1, '{"mine":true}')`, [headers['ce-id']])
    await call(`/${await archiveDeadLetter({}, '{}', headers)}/replay`, {})
    expect((await outbox())[0]).toMatchObject({ event: { mine: true } })
    expect(await outbox()).toHaveLength(2)
  })

  it.each([
    ['invalid JSON', { 'ce-queue': 'api' }, '{"n":', 'dead_letter_malformed'],
    ['another spec version', { 'ce-specversion': '0.3' }, '{}', 'dead_letter_malformed'],
    ['a character that jsonb cannot hold', {}, '{"n":"\\u0000"}', 'dead_letter_malformed'],
    ['half of a surrogate pair', {}, '{"n":"\\ud800"}', 'dead_letter_malformed'],
    ['a truncated body', {}, `"${'x'.repeat(70_000)}"`, 'dead_letter_malformed'],
    ['a queue without a trigger', { 'ce-queue': 'dlq' }, '{}', 'dead_letter_unroutable'],
  ])('of %s is refused with its reason and writes nothing', async (_, changes, body, reason) => {
    const id = await archiveDeadLetter(changes, body)
    expect(await call(`/${id}/replay`, { force: true })).toMatchObject({ status: 409, body: { reason } })
    expect((await call(`/${id}`)).body.unreplayable).toBe(reason)
    expect(await outbox()).toEqual([])
    expect(await deadLetters()).toMatchObject([{ state: 'open' }])
  })

  it('of an escaped backslash before such a character is not refused', async () => {
    const id = await archiveDeadLetter({}, '{"n":"\\\\u0000"}')
    expect((await call(`/${id}/replay`, {})).status).toBe(200)
    expect((await outbox())[0]?.event.data).toEqual({ n: '\\u0000' })
  })

  it('of a message that its consumer rejected is refused', async () => {
    const id = await archiveDeadLetter()
    await database.query(`update events.dead_letters set kind = 'rejected'`)
    expect(await call(`/${id}/replay`, {})).toMatchObject({ status: 409, body: { reason: 'dead_letter_rejected' } })
  })

  it('of a discarded dead letter must be forced', async () => {
    const id = await archiveDeadLetter()
    expect((await call(`/${id}/discard`, {})).body).toMatchObject({ state: 'discarded', discarded_by: 'kim' })
    expect(await call(`/${id}/replay`, {})).toMatchObject({ status: 409, body: { reason: 'dead_letter_discarded' } })
    expect((await call(`/${id}/replay`, { force: true })).body.replayed).toBe(true)
  })

  it('is rolled back when the event cannot be written', async () => {
    const id = await archiveDeadLetter()
    await database.query('alter table events.outbox add constraint refuse check (event is null) not valid')
    try {
      expect((await call(`/${id}/replay`, {})).status).toBe(500)
    } finally {
      await database.query('alter table events.outbox drop constraint refuse')
    }
    expect(await deadLetters()).toMatchObject([{ state: 'open', replayed_by: null }])
  })
})

it('never replays a message that came without a valid signature, forced or not, since the relay would sign it', async () => {
  const id = await archiveDeadLetter({}, '{"n":1}', headersOf(), false)
  const forged = await archiveDeadLetter({}, '{"n":2}', { ...signHeaders(headersOf(), '{"n":1}') }, false)
  for (const unverified of [id, forged]) {
    expect(await call(`/${unverified}`)).toMatchObject({
      body: { verified: false, unreplayable: 'dead_letter_unverified' },
    })
    const refused = { status: 409, body: { reason: 'dead_letter_unverified' } }
    expect(await call(`/${unverified}/replay`, { force: true })).toMatchObject(refused)
  }
  expect((await call('/replay', { filter: {} })).body).toMatchObject({
    replayed: 0,
    refused: { dead_letter_unverified: 2 },
  })
  expect(await outbox()).toEqual([])
})

describe('a replay by filter', () => {
  it('replays open matches, and counts those that cannot be replayed', async () => {
    const other = { 'ce-type': 'app.growbin.api.other.v1' }
    const changed: Record<string, string>[] = [{}, {}, other, { 'ce-specversion': '0.3' }]
    for (const changes of changed) await archiveDeadLetter(changes)
    await call(`/${await archiveDeadLetter()}/discard`, {})
    const request = { filter: { type: 'app.growbin.api.test.v1', consumer: 'jobs-external-call' } }
    const report = {
      matched: 3,
      replayed: 2,
      refused: { dead_letter_malformed: 1 },
      next_cursor: null,
    }
    expect((await call('/replay', { ...request, dry_run: true })).body).toEqual({ ...report, dry_run: true })
    expect(await outbox()).toEqual([])
    expect((await call('/replay', request)).body).toEqual({ ...report, dry_run: false })
    expect(await outbox()).toHaveLength(2)
    expect((await call('/replay', request)).body).toMatchObject({ matched: 1, replayed: 0 })
    expect((await deadLetters()).map(({ state }) => state).sort()).toEqual([
      'discarded',
      'open',
      'open',
      'replayed',
      'replayed',
    ])
  })

  it('takes 1000 per request, and continues at the cursor', async () => {
    await archiveDeadLetter()
    await database.query(
      `insert into events.dead_letters (dead_letter_id, consumer, kind, reason, event_id, headers, body, verified)
       select gen_random_uuid(), consumer, kind, reason, n::text, headers, body, verified
       from events.dead_letters, generate_series(1, 1149) n`,
    )
    const first = (await call('/replay', { filter: {} })).body
    expect(first).toMatchObject({ matched: 1000, replayed: 1000, next_cursor: expect.any(String) })
    const rest = (await call('/replay', { filter: {}, cursor: first.next_cursor })).body
    expect(rest).toMatchObject({ matched: 150, replayed: 150, next_cursor: null })
    expect(await outbox()).toHaveLength(1150)
    expect((await call('/replay', { filter: {}, limit: 1001 })).status).toBe(400)
  })
})

describe('a list', () => {
  it('pages through every dead letter once, newest first, while more arrive', async () => {
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) ids.unshift(await archiveDeadLetter())
    const first = (await call('?limit=2')).body
    await archiveDeadLetter()
    const seen = first.items
    for (let cursor = first.next_cursor; cursor; ) {
      const page = (await call(`?limit=2&cursor=${cursor}`)).body
      seen.push(...page.items)
      cursor = page.next_cursor
    }
    expect(seen.map((item: Row) => item.dead_letter_id)).toEqual(ids)
  })

  it.each([
    ['state=open', 1],
    ['state=replayed', 0],
    ['kind=dead_letter', 1],
    ['kind=rejected', 0],
    ['consumer=jobs-external-call', 1],
    ['consumer=waste-status', 0],
    ['type=app.growbin.api.test.v1', 1],
    ['reason=answered_503', 1],
    ['reason=unreachable', 0],
    ['from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00%2B09:00', 1],
    ['to=2020-01-01T00:00:00Z', 0],
  ])('filtered by %s contains %i of 1', async (query, count) => {
    await archiveDeadLetter()
    expect((await call(`?${query}`)).body.items).toHaveLength(count)
  })

  it.each(['state=other', 'limit=0', 'limit=101', 'cursor=x', 'from=yesterday', 'unknown=1', 'type=%00', 'type='])(
    'refuses %s',
    async (query) => {
      expect((await call(`?${query}`)).status).toBe(400)
    },
  )
})

it('a dead letter is shown with its attributes, headers, body and trace', async () => {
  const headers = headersOf()
  const id = await archiveDeadLetter({}, '{"n":"한"}', headers)
  expect((await call(`/${id}`)).body).toMatchObject({
    dead_letter_id: id,
    trace_id: traceId,
    deliveries: 1,
    attributes: { id: headers['ce-id'], queue: 'api', knativeerrorcode: '503' },
    headers: { 'ce-id': headers['ce-id'] },
    body: { encoding: 'text', content: '{"n":"한"}', size_bytes: 11, cut: false },
    unreplayable: null,
  })
})

it('a binary body is shown as base64, and a truncated one is marked', async () => {
  const id = await archiveDeadLetter({}, Buffer.alloc(70_000, 0xff))
  expect((await call(`/${id}`)).body.body).toEqual({
    encoding: 'base64',
    content: Buffer.alloc(4_096, 0xff).toString('base64'),
    size_bytes: 70_000,
    cut: true,
  })
})
