import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { DeadLetter } from '../messaging/dead-letters.pg.ts'
import { createLogger } from '../process/log.ts'
import { createMetrics } from '../process/metrics.ts'
import { listen } from '../process/serve.ts'
import { parseEventKeys, testEventKey, testSignatures, toSignedMessage } from '../testing/test-event-keys.ts'
import { type JsonCloudEvent, parseCloudEvent, toBinaryMessage } from './cloud-event.ts'
import { createEventApp, type EventAppOptions, type HandleEvent } from './event-app.ts'
import { createEvent, defineEvent, pingType } from './event-contract.ts'
import { createEventSignatures } from './event-signature.ts'

const contract = defineEvent({
  type: 'app.growbin.ai.test.begin.v1',
  queue: 'ai',
  summary: 'A test.',
  schema: z.object({ job_id: z.string() }),
  example: { job_id: '1' },
})
const header = {
  source: '/growbin/a-test',
  subject: '종이',
  time: new Date('2026-11-21T00:00:00Z'),
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
}
const command = createEvent(contract, { ...header, id: '1' }, { job_id: '1' })

const tickContract = defineEvent({ ...contract, type: pingType })
const spec = {
  name: 'a-test',
  trigger: { schedules: [{ name: 'declared', cron: '* * * * *', body: { job_id: '1' } }] },
  handles: [contract, tickContract],
} as const

const createApp = (
  handle: HandleEvent<{ job_id: string }>,
  over: Partial<EventAppOptions> = {},
  handleTick: HandleEvent<unknown> = async () => undefined,
) =>
  createEventApp(
    spec,
    {
      log: createLogger({ service: 'test', level: 'fatal' }),
      metrics: createMetrics('test'),
      signatures: testSignatures,
      recordDeadLetter: async () => true,
      ...over,
    },
    { [contract.type]: handle, [tickContract.type]: handleTick },
  )

async function post(handle: HandleEvent<{ job_id: string }>, event: JsonCloudEvent = command) {
  const app = createApp(handle)
  const { headers, body } = toSignedMessage(event)
  return app.request('/', { method: 'POST', headers, body })
}

test('a reply is answered with 200 as an event in the binary mode, which reads as it was made', async () => {
  const reply = createEvent(contract, { ...header, id: '2', source: '/growbin/another' }, { job_id: '2' })
  const response = await post(async () => reply)
  expect(response.status).toBe(200)
  expect(response.headers.get('ce-id')).toBe('2')
  expect(parseCloudEvent(response.headers, new Uint8Array(await response.arrayBuffer()))).toEqual(
    testSignatures.sign(reply),
  )
})

test.each<[string, HandleEvent<unknown>]>([
  ['nothing', async () => undefined],
  ['no value', async () => {}],
])('%s is answered with 204 and no attribute of an event', async (_, handle) => {
  const response = await post(handle)
  expect([response.status, await response.text()]).toEqual([204, ''])
  expect([...response.headers.keys()].filter((name) => name.startsWith('ce-'))).toEqual([])
})

test('an event that could not be handled gets no reply', async () => {
  const response = await post(async () => {
    throw new Error('unavailable')
  })
  expect(response.status).toBe(503)
  expect(response.headers.has('ce-id')).toBe(false)
})

test.each([
  ['stays', false],
  ['closes the connection', true],
])('a handler learns whether its sender %s', async (_, closesConnection) => {
  const begun = Promise.withResolvers<void>()
  const seen = Promise.withResolvers<boolean>()
  const app = createApp(async (_event, _data, { isAbandoned }) => {
    begun.resolve()
    if (closesConnection) await expect.poll(isAbandoned, { timeout: 20_000 }).toBe(true)
    seen.resolve(isAbandoned())
  })
  const server = await listen({ app, close: async () => undefined }, { port: 0, host: '127.0.0.1' })
  try {
    const gone = new AbortController()
    const { headers, body } = toSignedMessage(command)
    const url = `http://127.0.0.1:${server.port}`
    const answer = fetch(url, { method: 'POST', headers, body, signal: gone.signal }).catch(() => undefined)
    await begun.promise
    if (closesConnection) gone.abort()
    expect(await seen.promise).toBe(closesConnection)
    expect((await answer)?.status).toBe(closesConnection ? undefined : 204)
  } finally {
    await server.close(500)
  }
})

describe('an event that takes no effect', () => {
  const withoutSignature = toBinaryMessage(command)
  const signed = toSignedMessage(command)
  const strangers = createEventSignatures(
    parseEventKeys(JSON.stringify({ current: 'test', keys: { test: testEventKey('stranger') } })),
  )
  const tick: JsonCloudEvent = { ...command, type: pingType, source: '/apis/v1/namespaces/x/pingsources/y' }
  test.each([
    ['unsigned', 'carries no signature', withoutSignature],
    ['bad_signature', 'was signed with another key', toBinaryMessage(strangers.sign(command))],
    ['bad_signature', 'was changed on its way', { ...signed, body: '{"job_id":"2"}' }],
    ['undeclared_tick', 'is a tick of no schedule', toBinaryMessage(tick)],
  ])('is recorded as %s and acknowledged when it %s', async (reason, _, { headers, body }) => {
    const deadLetters: DeadLetter[] = []
    const handled: string[] = []
    const app = createApp(async ({ id }) => void handled.push(id), {
      recordDeadLetter: async (deadLetter) => deadLetters.push(deadLetter) > 0,
    })
    const response = await app.request('/', { method: 'POST', headers, body })
    expect([response.status, await response.text(), handled]).toEqual([202, '', []])
    expect(deadLetters).toMatchObject([{ kind: 'rejected', reason, verified: false }])
  })

  test('is distinguished from one that its consumer rejects', async () => {
    const deadLetters: DeadLetter[] = []
    const recordDeadLetter = async (deadLetter: DeadLetter) => deadLetters.push(deadLetter) > 0
    const app = createApp(async () => undefined, { recordDeadLetter })
    await app.request('/', { method: 'POST', ...toSignedMessage({ ...command, data: {} }) })
    expect(deadLetters).toMatchObject([{ reason: 'invalid_data', verified: true }])
  })
})

test('a tick that the function declares needs no signature', async () => {
  const handled: string[] = []
  const app = createApp(
    async () => undefined,
    {},
    async ({ id }) => void handled.push(id),
  )
  const { subject: _, ...withoutSubject } = command
  const statusOf = async (id: string) => {
    const source = `/apis/v1/namespaces/a/pingsources/a-test-${id}`
    const message = toBinaryMessage({ ...withoutSubject, id, source, type: pingType, extensions: { schedule: id } })
    return (await app.request('/', { method: 'POST', ...message })).status
  }
  expect([await statusOf('declared'), await statusOf('other'), handled]).toEqual([204, 202, ['declared']])
})

test('a handler sees nothing that the producer has not signed, but for the trace', async () => {
  const seen: JsonCloudEvent[] = []
  const app = createApp(async (event) => void seen.push(event))
  const { headers, body } = toSignedMessage(command)
  await app.request('/', { method: 'POST', headers: { ...headers, 'ce-tenant': 'x' }, body })
  expect(seen).toEqual([command])
})

test.each([
  ['with its length', true],
  ['in chunks', false],
])('a body that comes %s is taken up to 1 MiB, and of a longer one its beginning is recorded', async (_, hasLength) => {
  const deadLetters: DeadLetter[] = []
  const app = createApp(async () => undefined, {
    recordDeadLetter: async (deadLetter) => deadLetters.push(deadLetter) > 0,
  })
  async function postBytes(length: number) {
    const filling = 'x'.repeat(length - JSON.stringify({ job_id: '1', filling: '' }).length)
    const { headers, body } = toSignedMessage({ ...command, data: { job_id: '1', filling } })
    const chunks = ReadableStream.from([Buffer.from(body).subarray(0, 9), Buffer.from(body).subarray(9)])
    const init = hasLength
      ? { headers: { ...headers, 'content-length': String(length) }, body }
      : { headers, body: chunks, duplex: 'half' as const }
    return (await app.request('/', { method: 'POST', ...init })).status
  }
  expect([await postBytes(1_048_576), deadLetters]).toEqual([204, []])
  expect(await postBytes(1_048_577)).toBe(202)
  expect(deadLetters).toMatchObject([{ reason: 'too_large', verified: false, body: { byteLength: 1_048_576 } }])
})
