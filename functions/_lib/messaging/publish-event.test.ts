import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type JsonCloudEvent, parseCloudEvent } from '../events/cloud-event.ts'
import { UnavailableError } from '../http/errors.ts'
import { testSignatures } from '../testing/test-event-keys.ts'
import { createPublisher, UnpublishableEventError } from './publish-event.ts'

const { sign } = testSignatures
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const event: JsonCloudEvent = {
  specversion: '1.0',
  id: 'event-1',
  source: '/growbin/test',
  type: 'app.growbin.ai.test.v1',
  datacontenttype: 'application/json',
  data: { text: '가나다' },
  extensions: { queue: 'ai', traceparent },
}

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A broker that answers each request by the next of `answers`, and the last one from then on. */
async function startBroker(...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]) {
  const requests: { headers: Headers; body: Buffer }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    requests.push({ headers: new Headers(request.headers as Record<string, string>), body: Buffer.concat(chunks) })
    answers[Math.min(requests.length, answers.length) - 1]?.(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests }
}

const answer =
  (status: number, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse) =>
    response.writeHead(status, headers).end('x')

test('an event arrives as a CloudEvent in binary mode, with its trace', async () => {
  const broker = await startBroker(answer(202))
  await createPublisher({ sign, brokerUrl: broker.url })(event)
  const [request, ...more] = broker.requests
  if (!request) throw new Error('nothing arrived')
  expect(more).toEqual([])
  expect(parseCloudEvent(request.headers, request.body)).toEqual(sign(event))
  expect(request.headers.get('traceparent')).toBe(traceparent)
})

test.each([400, 413])(
  'an event that is refused with %i will never be taken, so it is not tried again',
  async (status) => {
    const broker = await startBroker(answer(status))
    await expect(createPublisher({ sign, brokerUrl: broker.url })(event)).rejects.toThrow(UnpublishableEventError)
    expect(broker.requests).toHaveLength(1)
  },
)

test.each([401, 404, 429, 500, 503])('a response of %i is retried, two attempts in all', async (status) => {
  const broker = await startBroker(answer(status))
  await expect(createPublisher({ sign, brokerUrl: broker.url })(event)).rejects.toThrow(UnavailableError)
  expect(broker.requests).toHaveLength(2)
})

test('a second attempt that succeeds is enough', async () => {
  const broker = await startBroker(answer(503), answer(202))
  await createPublisher({ sign, brokerUrl: broker.url })(event)
  expect(broker.requests).toHaveLength(2)
})

test('a broker that never answers takes no longer than the deadlines', async () => {
  const broker = await startBroker(() => undefined)
  const startedMs = performance.now()
  const publish = createPublisher({ sign, brokerUrl: broker.url, timeoutMs: 100 })
  await expect(publish(event)).rejects.toThrow(UnavailableError)
  expect(performance.now() - startedMs).toBeLessThan(1_500)
  expect(broker.requests).toHaveLength(2)
})

test('a body that never ends is not waited for', async () => {
  const broker = await startBroker((_, response) => response.writeHead(202).write('x'))
  await createPublisher({ sign, brokerUrl: broker.url, timeoutMs: 1_000 })(event)
  expect(broker.requests).toHaveLength(1)
})

test('a redirect is not followed', async () => {
  const elsewhere = await startBroker(answer(202))
  const broker = await startBroker(answer(307, { location: elsewhere.url }))
  await expect(createPublisher({ sign, brokerUrl: broker.url })(event)).rejects.toThrow(UnavailableError)
  expect(elsewhere.requests).toEqual([])
})

test('an address where no broker listens is unavailable', async () => {
  await expect(createPublisher({ sign, brokerUrl: 'http://127.0.0.1:9/' })(event)).rejects.toThrow(UnavailableError)
})
