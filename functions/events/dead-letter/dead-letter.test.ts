import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { cloudEventScenarios, officialEvent } from '../../_lib/testing/cloud-event-scenarios.ts'
import { postWireMessage } from '../../_lib/testing/post-wire-message.ts'
import { type RunningFunction, runFunction, withoutServer } from '../../_lib/testing/run-function.ts'
import { signHeaders, testEventKeys } from '../../_lib/testing/test-event-keys.ts'
import { start } from './main.ts'

let database: TestDatabase
let running: RunningFunction
beforeAll(async () => {
  database = await createTestDatabase()
  running = await runFunction(start, environment())
})
afterAll(async () => {
  await running?.close()
  await database?.close()
})

const environment = () => ({
  DATABASE_URL: database.urlOf('events'),
  EVENT_KEYS: testEventKeys,
})

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const headersOf = (changes: Record<string, string> = {}): Record<string, string> => ({
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-id': randomUUID(),
  'ce-source': '/growbin/waste-upload-complete',
  'ce-type': 'app.growbin.ai.image.analyze.v1',
  'ce-queue': 'ai',
  'ce-knativeerrordest': 'http://waste-ai-analyze.waste.svc.cluster.local/',
  'ce-knativeerrorcode': '503',
  traceparent,
  ...changes,
})
const post = async (
  headers: Record<string, string>,
  body: string | Uint8Array = '{"job_id":"1"}',
  url = running.url,
) => {
  const signed = signHeaders(headers, body)
  const response = await fetch(url, { method: 'POST', headers: signed, body: Buffer.from(body) })
  return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') }
}
const archived = { status: 204, text: '', retryAfter: null }
type Row = Record<string, unknown> & { body: Buffer; headers: Record<string, string> }
const rowsOf = (eventId: string | undefined) =>
  database.query<Row>('select * from events.dead_letters where event_id = $1 order by dead_letter_id', [eventId])

describe('an archived dead letter', () => {
  it('records the consumer, the reason, the trace and the message', async () => {
    const headers = headersOf()
    expect(await post(headers)).toEqual(archived)
    const [row, ...others] = await rowsOf(headers['ce-id'])
    expect(others).toEqual([])
    expect(row).toMatchObject({
      consumer: 'waste-ai-analyze',
      kind: 'dead_letter',
      reason: 'answered_503',
      event_source: '/growbin/waste-upload-complete',
      event_type: 'app.growbin.ai.image.analyze.v1',
      traceparent,
      state: 'open',
      deliveries: 1,
    })
    expect(row?.body.toString()).toBe('{"job_id":"1"}')
  })

  it.each([
    ['-1', 'unreachable'],
    ['500', 'answered_500'],
    ['<script>', 'answered_none'],
  ])('gives the error code "%s" the reason "%s"', async (code, reason) => {
    const headers = headersOf({ 'ce-knativeerrorcode': code })
    await post(headers)
    expect(await rowsOf(headers['ce-id'])).toMatchObject([{ reason }])
  })

  it.each([
    ['http://chat-message.chat.svc/', 'chat-message'],
    ['http://127.0.0.1:4711/', '127.0.0.1:4711'],
    ['http://[::1]:4711/', '[::1]:4711'],
    ['nonsense', 'unknown'],
  ])('for the destination %s and an unknown queue belongs to the consumer %s', async (destination, consumer) => {
    const headers = headersOf({ 'ce-knativeerrordest': destination, 'ce-queue': 'constructor' })
    await post(headers)
    expect(await rowsOf(headers['ce-id'])).toMatchObject([{ consumer, queue: 'constructor' }])
  })

  it.each(['http://127.0.0.1:4711/', 'nonsense'])(
    'for the destination %s belongs to the consumer of its queue',
    async (dest) => {
      const headers = headersOf({ 'ce-knativeerrordest': dest, 'ce-queue': 'rule_retrieval' })
      await post(headers)
      expect(await rowsOf(headers['ce-id'])).toMatchObject([
        { consumer: 'waste-retrieve-rules', queue: 'rule_retrieval' },
      ])
    },
  )

  it('that its queue dropped, without an error header, belongs to the consumer of that queue', async () => {
    const { 'ce-knativeerrordest': _, 'ce-knativeerrorcode': __, ...headers } = headersOf()
    await post(headers)
    expect(await rowsOf(headers['ce-id'])).toMatchObject([
      { consumer: 'waste-ai-analyze', reason: 'dropped_by_queue', reported_consumer: null, queue: 'ai' },
    ])
  })

  it('keeps its trace although the dispatcher drops tracestate', async () => {
    const headers = headersOf({ tracestate: 'vendor=1' })
    await post(headers)
    const [row] = await rowsOf(headers['ce-id'])
    expect(row).toMatchObject({ traceparent })
    expect(row?.headers).not.toHaveProperty('tracestate')
  })

  it('keeps no header that may be a credential', async () => {
    const headers = headersOf({ authorization: 'Bearer canary', cookie: 'canary', 'x-api-key': 'canary' })
    await post(headers)
    const [row] = await rowsOf(headers['ce-id'])
    expect(JSON.stringify(row?.headers)).not.toContain('canary')
    const names = Object.keys(row?.headers ?? {})
    expect(names.filter((name) => !/^(ce-|content-type$|content-length$|user-agent$)/.test(name))).toEqual([])
    expect(names).toContain('ce-knativeerrordest')
  })

  it.each([65_536, 65_537, 1_048_576, 16 * 1_048_576])('keeps 4 KiB of %i unsigned bytes', async (sizeBytes) => {
    const headers = headersOf()
    expect(await post(headers, Buffer.alloc(sizeBytes, 'ab'))).toEqual(archived)
    const [row] = await rowsOf(headers['ce-id'])
    expect(row?.body.byteLength).toBe(4_096)
    expect(row?.headers['content-length']).toBe(String(sizeBytes))
  })

  it.each([
    ['an empty request', {}, ''],
    ['bytes that are not text', { 'content-type': 'application/octet-stream' }, new Uint8Array([0, 255, 0xc0, 0xa0])],
    ['an event of another spec version', { 'ce-specversion': '0.3' }, '{'],
  ])('may be %s', async (_, headers, body) => {
    const marker = randomUUID()
    expect(await post({ ...headers, 'user-agent': marker }, body)).toEqual(archived)
    const rows = await database.query<Row>("select * from events.dead_letters where headers ->> 'user-agent' = $1", [
      marker,
    ])
    expect(rows).toMatchObject([{ consumer: 'unknown', reason: 'answered_none', event_id: null }])
    expect(rows[0]?.body).toEqual(Buffer.from(body))
  })
})

it('a message in any form is archived, whether it is an event or not', async () => {
  for (const { name, meant, write } of cloudEventScenarios) {
    expect({ name, ...(await postWireMessage(running.url, write(meant(officialEvent)))) }).toEqual({
      name,
      status: 204,
      text: '',
    })
  }
})

describe('a repeated dead letter', () => {
  it('is one row that counts deliveries and keeps the newest reason, also for 20 concurrent deliveries', async () => {
    const headers = headersOf()
    expect(await Promise.all(Array.from({ length: 20 }, () => post(headers)))).toEqual(Array(20).fill(archived))
    await post({ ...headers, 'ce-knativeerrorcode': '-1' })
    expect(await rowsOf(headers['ce-id'])).toMatchObject([{ deliveries: 21, reason: 'unreachable', state: 'open' }])
  })

  it.each([
    ['replayed', 'open'],
    ['discarded', 'discarded'],
    ['closed', 'open'],
    ['open', 'open'],
  ])('changes the state from %s to %s', async (before, after) => {
    const headers = headersOf()
    await post(headers)
    await database.query('update events.dead_letters set state = $2 where event_id = $1', [headers['ce-id'], before])
    await post(headers)
    expect(await rowsOf(headers['ce-id'])).toMatchObject([{ state: after, deliveries: 2 }])
  })

  const selfInCluster = 'http://events-dead-letter.events.svc.cluster.local/'
  it.each([
    ['by name', () => selfInCluster],
    ['by the address that received the request', () => running.url],
  ])(
    'that failed a second time in q-dlq, which names this function %s, keeps the first consumer and reason',
    async (_, self) => {
      const headers = headersOf({ 'ce-knativeerrorcode': '500' })
      await post(headers)
      await post({ ...headers, 'ce-knativeerrordest': self(), 'ce-knativeerrorcode': '503' })
      const [row, ...others] = await rowsOf(headers['ce-id'])
      expect(others).toEqual([])
      expect(row).toMatchObject({ consumer: 'waste-ai-analyze', reason: 'answered_500', deliveries: 2 })
      expect(row?.headers).toMatchObject({ 'ce-knativeerrorcode': '500' })
      expect(row?.reported_consumer).toBe(self() === selfInCluster ? 'events-dead-letter' : new URL(self()).host)
    },
  )

  it('that failed in q-dlq before it was recorded belongs to the consumer of its queue, without the first reason', async () => {
    const headers = headersOf({ 'ce-knativeerrordest': selfInCluster })
    await post(headers)
    const second = { consumer: 'waste-ai-analyze', reported_consumer: 'events-dead-letter', reason: 'went_round' }
    expect(await rowsOf(headers['ce-id'])).toMatchObject([second])
    await post({ ...headers, 'ce-knativeerrordest': 'http://waste-ai-analyze.waste.svc/', 'ce-knativeerrorcode': '-1' })
    expect(await rowsOf(headers['ce-id'])).toMatchObject([
      { consumer: 'waste-ai-analyze', reported_consumer: 'waste-ai-analyze', reason: 'unreachable', deliveries: 2 },
    ])
  })

  it('is a separate row for another consumer or another source', async () => {
    const headers = headersOf()
    await post(headers)
    await post({ ...headers, 'ce-knativeerrordest': 'http://jobs-external-call.jobs.svc/' })
    await post({ ...headers, 'ce-source': '/growbin/another' })
    expect(await rowsOf(headers['ce-id'])).toHaveLength(3)
  })

  it('is a separate row when the message has no id', async () => {
    const { 'ce-id': _, ...headers } = headersOf({ 'user-agent': randomUUID() })
    // The number of unverified rows is limited.
    await database.query('delete from events.dead_letters where not verified')
    const other = await runFunction(start, environment())
    await post(headers, '{}', other.url)
    await post(headers, '{}', other.url)
    await other.close()
    const rows = await database.query("select 1 from events.dead_letters where headers ->> 'user-agent' = $1", [
      headers['user-agent'],
    ])
    expect(rows).toHaveLength(2)
  })
})

it('answers 503 with Retry-After while PostgreSQL is unavailable', async () => {
  const withoutPostgres = await runFunction(start, withoutServer(environment(), 'postgres'))
  const answer = await post(headersOf(), '{}', withoutPostgres.url)
  await withoutPostgres.close()
  expect(answer).toEqual({ status: 503, text: '', retryAfter: '1' })
})
