import { expect, test } from 'vitest'
import * as z from 'zod'
import { type JsonCloudEvent, parseCloudEvent, toBinaryMessage } from './cloud-event.ts'
import { createEventApp, type HandleEvent, onEvent } from './event-app.ts'
import { createEvent, defineEvent } from './event-contract.ts'
import { createLogger } from './log.ts'
import { createMetrics } from './metrics.ts'

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

async function post(handle: HandleEvent<{ job_id: string }>, event: JsonCloudEvent = order) {
  const app = createEventApp({
    log: createLogger({ service: 'test', level: 'fatal' }),
    metrics: createMetrics('test'),
    consumer: 'a-test',
    recordDeadLetter: async () => undefined,
    routes: [onEvent(contract, handle)],
  })
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
