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

/** Nothing here is about a job, so nobody needs Redis. */
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
  it('says what failed where and why, and holds the message', async () => {
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
  ])('of the destination %s and of no known queue is of the consumer %s', async (destination, consumer) => {
    const headers = headersOf({ 'ce-knativeerrordest': destination, 'ce-queue': 'constructor' })
    await post(headers)
    expect(await rowsOf(headers['ce-id'])).toMatchObject([{ consumer, queue: 'constructor' }])
  })

  it.each(['http://127.0.0.1:4711/', 'nonsense'])(
    'of the destination %s is of the consumer of its queue',
    async (dest) => {
      const headers = headersOf({ 'ce-knativeerrordest': dest, 'ce-queue': 'rule_retrieval' })
      await post(headers)
      expect(await rowsOf(headers['ce-id'])).toMatchObject([
        { consumer: 'waste-retrieve-rules', queue: 'rule_retrieval' },
      ])
    },
  )

  it('that its queue has dropped, which nobody reports, is of the consumer of that queue', async () => {
    const { 'ce-knativeerrordest': _, 'ce-knativeerrorcode': __, ...headers } = headersOf()
    await post(headers)
    expect(await rowsOf(headers['ce-id'])).toMatchObject([
      { consumer: 'waste-ai-analyze', reason: 'dropped_by_queue', reported_consumer: null, queue: 'ai' },
    ])
  })

  it('that came without tracestate, which the dispatcher drops, is in its trace all the same', async () => {
    const headers = headersOf({ tracestate: 'vendor=1' })
    await post(headers)
    const [row] = await rowsOf(headers['ce-id'])
    expect(row).toMatchObject({ traceparent })
    expect(row?.headers).not.toHaveProperty('tracestate')
  })

  it('holds no header that may be a credential', async () => {
    const headers = headersOf({ authorization: 'Bearer canary', cookie: 'canary', 'x-api-key': 'canary' })
    await post(headers)
    const [row] = await rowsOf(headers['ce-id'])
    expect(JSON.stringify(row?.headers)).not.toContain('canary')
    const names = Object.keys(row?.headers ?? {})
    expect(names.filter((name) => !/^(ce-|content-type$|content-length$|user-agent$)/.test(name))).toEqual([])
    expect(names).toContain('ce-knativeerrordest')
  })

  it.each([65_536, 65_537, 1_048_576, 16 * 1_048_576])(
    'holds 4 KiB of %i bytes that nobody has signed',
    async (sizeBytes) => {
      const headers = headersOf()
      expect(await post(headers, Buffer.alloc(sizeBytes, 'ab'))).toEqual(archived)
      const [row] = await rowsOf(headers['ce-id'])
      expect(row?.body.byteLength).toBe(4_096)
      expect(row?.headers['content-length']).toBe(String(sizeBytes))
    },
  )

  it.each([
    ['nothing at all', {}, ''],
    ['bytes that are no text', { 'content-type': 'application/octet-stream' }, new Uint8Array([0, 255, 0xc0, 0xa0])],
    ['an event in another version', { 'ce-specversion': '0.3' }, '{'],
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

it('is taken in whatever form it comes, an event or not', async () => {
  for (const { name, meant, write } of cloudEventScenarios) {
    expect({ name, ...(await postWireMessage(running.url, write(meant(officialEvent)))) }).toEqual({
      name,
      status: 204,
      text: '',
    })
  }
})

describe('the same dead letter again', () => {
  it('is one row that counts, with the newest reason, for 20 deliveries at the same time too', async () => {
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
  ])('finds it %s and leaves it %s', async (before, after) => {
    const headers = headersOf()
    await post(headers)
    await database.query('update events.dead_letters set state = $2 where event_id = $1', [headers['ce-id'], before])
    await post(headers)
    expect(await rowsOf(headers['ce-id'])).toMatchObject([{ state: after, deliveries: 2 }])
  })

  const selfInCluster = 'http://events-dead-letter.events.svc.cluster.local/'
  it.each([
    ['by its name', () => selfInCluster],
    ['by the address that it is asked under', () => running.url],
  ])('that went round, which names this function %s, keeps whose it was and why', async (_, self) => {
    const headers = headersOf({ 'ce-knativeerrorcode': '500' })
    await post(headers)
    await post({ ...headers, 'ce-knativeerrordest': self(), 'ce-knativeerrorcode': '503' })
    const [row, ...others] = await rowsOf(headers['ce-id'])
    expect(others).toEqual([])
    expect(row).toMatchObject({ consumer: 'waste-ai-analyze', reason: 'answered_500', deliveries: 2 })
    expect(row?.headers).toMatchObject({ 'ce-knativeerrorcode': '500' })
    expect(row?.reported_consumer).toBe(self() === selfInCluster ? 'events-dead-letter' : new URL(self()).host)
  })

  it('that went round before it was ever recorded is of the consumer of its queue, with the first reason lost', async () => {
    const headers = headersOf({ 'ce-knativeerrordest': selfInCluster })
    await post(headers)
    const round = { consumer: 'waste-ai-analyze', reported_consumer: 'events-dead-letter', reason: 'went_round' }
    expect(await rowsOf(headers['ce-id'])).toMatchObject([round])
    await post({ ...headers, 'ce-knativeerrordest': 'http://waste-ai-analyze.waste.svc/', 'ce-knativeerrorcode': '-1' })
    expect(await rowsOf(headers['ce-id'])).toMatchObject([
      { consumer: 'waste-ai-analyze', reported_consumer: 'waste-ai-analyze', reason: 'unreachable', deliveries: 2 },
    ])
  })

  it('is another row for another consumer or another source', async () => {
    const headers = headersOf()
    await post(headers)
    await post({ ...headers, 'ce-knativeerrordest': 'http://jobs-external-call.jobs.svc/' })
    await post({ ...headers, 'ce-source': '/growbin/another' })
    expect(await rowsOf(headers['ce-id'])).toHaveLength(3)
  })

  it('is another row when the message has no id', async () => {
    const { 'ce-id': _, ...headers } = headersOf({ 'user-agent': randomUUID() })
    // Only so much of what is no event is kept.
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

it('asks for patience while PostgreSQL is away', async () => {
  const away = await runFunction(start, withoutServer(environment(), 'postgres'))
  const answer = await post(headersOf(), '{}', away.url)
  await away.close()
  expect(answer).toEqual({ status: 503, text: '', retryAfter: '1' })
})
