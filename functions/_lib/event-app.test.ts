import { expect, test } from 'vitest'
import * as z from 'zod'
import { type JsonCloudEvent, parseCloudEvent, toBinaryMessage } from './cloud-event.ts'
import { createEventApp, type HandleEvent, onEvent } from './event-app.ts'
import { createEvent, defineEvent } from './event-contract.ts'
import { createLogger } from './log.ts'
import { createMetrics } from './metrics.ts'
import { listen } from './serve.ts'

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
const order = createEvent(contract, { ...header, id: '1' }, { job_id: '1' })

const createApp = (handle: HandleEvent<{ job_id: string }>) =>
  createEventApp({
    log: createLogger({ service: 'test', level: 'fatal' }),
    metrics: createMetrics('test'),
    consumer: 'a-test',
    recordDeadLetter: async () => undefined,
    routes: [onEvent(contract, handle)],
  })

async function post(handle: HandleEvent<{ job_id: string }>, event: JsonCloudEvent = order) {
  const app = createApp(handle)
  const { headers, body } = toBinaryMessage(event)
  return app.request('/', { method: 'POST', headers, body })
}

test('a reply is answered with 200 as an event in the binary mode, which reads as it was made', async () => {
  const reply = createEvent(contract, { ...header, id: '2', source: '/growbin/another' }, { job_id: '2' })
  const response = await post(async () => reply)
  expect(response.status).toBe(200)
  expect(response.headers.get('ce-id')).toBe('2')
  expect(parseCloudEvent(response.headers, new Uint8Array(await response.arrayBuffer()))).toEqual(reply)
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
    throw new Error('away')
  })
  expect(response.status).toBe(503)
  expect(response.headers.has('ce-id')).toBe(false)
})

test.each([
  ['stays', false],
  ['goes away', true],
])('a handler learns whether its sender %s', async (_, goesAway) => {
  const begun = Promise.withResolvers<void>()
  const seen = Promise.withResolvers<boolean>()
  const app = createApp(async (_event, _data, { isAbandoned }) => {
    begun.resolve()
    if (goesAway) await expect.poll(isAbandoned, { timeout: 20_000 }).toBe(true)
    seen.resolve(isAbandoned())
  })
  const server = await listen({ app, close: async () => undefined }, { port: 0, host: '127.0.0.1' })
  try {
    const gone = new AbortController()
    const { headers, body } = toBinaryMessage(order)
    const url = `http://127.0.0.1:${server.port}`
    const answer = fetch(url, { method: 'POST', headers, body, signal: gone.signal }).catch(() => undefined)
    await begun.promise
    if (goesAway) gone.abort()
    expect(await seen.promise).toBe(goesAway)
    expect((await answer)?.status).toBe(goesAway ? undefined : 204)
  } finally {
    await server.close(500)
  }
})
