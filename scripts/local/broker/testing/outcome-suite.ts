import { afterEach, describe, expect, test } from 'vitest'
import { createBench, delivery, type StartFlavour, trigger } from './flavour.ts'
import { post, send } from './producer.ts'
import type { Answer, AnswerTo } from './subscriber.ts'

const brokers = [{ name: 'main' }]
const reply = { 'ce-specversion': '1.0', 'ce-id': 'reply', 'ce-source': '/r', 'ce-type': 'test.reply' }
const failureBody = '{"reason":"because"}'

/** The outcome of an event by the answer of its subscriber, for every flavour. */
export function describeOutcomes(start: StartFlavour): void {
  describe('outcome at the subscriber', () => {
    const bench = createBench(start)
    afterEach(bench.closeAll)

    /** One event for a subscriber with this answer, with two retries and a dead letter sink. */
    async function deliverTo(answerTo: AnswerTo, over: Parameters<typeof delivery>[2] = {}) {
      const [subscriber, sink, replies] = [
        await bench.subscriber(answerTo),
        await bench.subscriber(),
        await bench.subscriber(),
      ]
      const broker = await bench.broker({
        brokers,
        triggers: [
          trigger('t0', subscriber, { filter: { type: 'test.a' }, delivery: delivery(2, sink, over) }),
          trigger('replies', replies, { filter: { type: 'test.reply' } }),
        ],
      })
      await send(broker.addresses.main, { data: 'hello', datacontenttype: 'text/plain' })
      return { subscriber, sink, replies, broker, stats: async () => (await broker.stats()).t0 }
    }
    const done = { ready: 0, inFlight: 0, deadLettered: 0, dropped: 0, retried: 0 }

    test.each<Answer>([
      { status: 204 },
      { status: 200, body: 'no event' },
      { status: 202, body: '{}', headers: { 'content-type': 'application/json' } },
      { status: 299 },
    ])('O1: $status with the body $body, which is no event, is acknowledged', async (answer) => {
      const { stats, sink, subscriber, broker } = await deliverTo(() => answer)
      await expect.poll(stats).toEqual({ ...done, delivered: 1 })
      expect([subscriber.received.length, sink.received.length]).toEqual([1, 0])
      expect(broker.violations()).toEqual([])
    })

    test.each([200, 201, 202])('O2: the event in an answer %i goes to the ingress', async (status) => {
      const { stats, sink, replies } = await deliverTo(() => ({ status, headers: reply, body: 'x' }))
      const [received] = await replies.got(1)
      expect(received?.headers).toMatchObject({ 'ce-id': 'reply', 'ce-source': '/r' })
      await expect.poll(stats).toEqual({ ...done, delivered: 1 })
      expect(sink.received).toEqual([])
    })

    const refusals = [400, 401, 402, 403, 405, 406, 410, 412, 413, 415, 418, 422, 424, 431, 451]
    test.each([
      ...[300, 304].map((status) => ['O3', status, '']),
      ...refusals.map((status) => ['O4', status, '']),
      ['X3, O4', 422, ''],
      ['X3, O4', 422, failureBody],
    ] as [string, number, string][])(
      '%s: %i with the body "%s" is acknowledged, not retried and not dead-lettered',
      async (_rows, status, body) => {
        const headers = { location: 'http://127.0.0.1:9/', 'content-type': 'application/json' }
        const { subscriber, sink, broker, stats } = await deliverTo(() => ({ status, headers, ...(body && { body }) }))
        await expect.poll(stats).toEqual({ ...done, delivered: 0, dropped: 1 })
        expect([subscriber.received.length, sink.received.length]).toEqual([1, 0])
        expect(broker.violations()).toEqual([
          {
            ...{ kind: 'refusal_acknowledged', broker: 'main', dispatcher: 't0' },
            ...{ eventId: 'event-1', eventType: 'test.a', code: status },
          },
        ])
      },
    )

    test.each([
      ...[404, 408, 409, 429].map((status) => ['O5', status]),
      ...[500, 501, 502, 503, 504, 511].map((status) => ['O6', status]),
    ] as [string, number][])('%s: %i is retried and then dead-lettered with its code', async (_row, status) => {
      const answer = { status, body: failureBody, headers: { 'retry-after': '3600' } }
      const { subscriber, sink, stats } = await deliverTo(() => answer)
      const [dead] = await sink.got(1)
      expect(dead?.headers).toMatchObject({
        'ce-id': 'event-1',
        'ce-knativeerrordest': subscriber.url,
        'ce-knativeerrorcode': String(status),
      })
      expect(dead?.headers).not.toHaveProperty('ce-knativeerrordata')
      expect(dead?.body.toString()).toBe('hello')
      await expect.poll(stats).toEqual({ ...done, delivered: 0, retried: 2, deadLettered: 1 })
      expect([subscriber.received.length, sink.received.length]).toEqual([3, 1])
    })

    test('O7: no answer in time is retried, and finally dead-lettered with -1', async () => {
      const never = new Promise<never>(() => undefined)
      const { subscriber, sink, stats } = await deliverTo(() => never, { timeoutSeconds: 0.1 })
      const [dead] = await sink.got(1)
      expect(dead?.headers['ce-knativeerrorcode']).toBe('-1')
      expect(subscriber.received.length).toBe(3)
      await expect.poll(stats).toEqual({ ...done, delivered: 0, retried: 2, deadLettered: 1 })
    })

    test('O7: an answer in time at a later attempt is the outcome', async () => {
      const never = new Promise<never>(() => undefined)
      const slowTwice: AnswerTo = (_, count) => (count < 3 ? never : { status: 204 })
      const { sink, stats } = await deliverTo(slowTwice, { timeoutSeconds: 0.5 })
      await expect.poll(stats, { timeout: 20_000 }).toEqual({ ...done, delivered: 1, retried: 2 })
      expect(sink.received).toEqual([])
    })

    test('X4, O7: an unreachable subscriber is dead-lettered with -1 and its address, without Kn-Namespace', async () => {
      const closed = await bench.subscriber()
      await closed.close()
      const sink = await bench.subscriber()
      const broker = await bench.broker({ brokers, triggers: [trigger('t0', closed, { delivery: delivery(1, sink) })] })
      await send(broker.addresses.main)
      const [dead] = await sink.got(1)
      expect(dead?.headers).toMatchObject({ 'ce-knativeerrordest': closed.url, 'ce-knativeerrorcode': '-1' })
      expect(dead?.headers).not.toHaveProperty('kn-namespace')
    })

    test.each([301, 302, 303, 307, 308])(
      'O3: %i is followed, as a GET or posted again, and ends as -1 in a redirect loop',
      async (status) => {
        const requests: string[] = []
        const { sink, stats } = await deliverTo((received) => {
          requests.push(`${received.method} ${received.body.length}`)
          return { status, headers: { location: '/again' } }
        })
        const [dead] = await sink.got(1)
        expect(dead?.headers['ce-knativeerrorcode']).toBe('-1')
        const followed = status < 304 ? 'GET 0' : 'POST 5'
        expect(requests).toEqual(Array.from({ length: 30 }, (_, n) => (n % 10 === 0 ? 'POST 5' : followed)))
        await expect.poll(stats).toEqual({ ...done, delivered: 0, retried: 2, deadLettered: 1 })
      },
    )

    test('O3: 307 to a server that accepts the event is a delivery', async () => {
      const { subscriber, stats } = await deliverTo((_, count) =>
        count === 1 ? { status: 307, headers: { location: '/there' } } : { status: 204 },
      )
      await expect.poll(stats).toEqual({ ...done, delivered: 1 })
      expect(subscriber.received[1]?.body.toString()).toBe('hello')
    })

    test('O3: 302 to a server that answers a GET is acknowledged, and the event is lost', async () => {
      const { subscriber, broker, stats } = await deliverTo((_, count) =>
        count === 1 ? { status: 302, headers: { location: '/there' } } : { status: 204 },
      )
      await expect.poll(stats).toEqual({ ...done, delivered: 0, dropped: 1 })
      expect(subscriber.received[1]).toMatchObject({ method: 'GET', body: Buffer.alloc(0) })
      expect(broker.violations()).toMatchObject([{ kind: 'redirected_without_body', code: 204 }])
    })

    const { 'ce-type': _type, ...withoutType } = reply
    const { 'ce-source': _source, ...withoutSource } = reply
    const { 'ce-id': _id, ...withoutId } = reply
    const json = { 'content-type': 'application/cloudevents+json' }
    const whole = { specversion: '1.0', id: 'reply', source: '/r', type: 'test.reply' }
    const structured = (changes: object) => ({
      status: 200,
      headers: json,
      body: JSON.stringify({ ...whole, ...changes }),
    })
    test.each<[string, Answer]>([
      ['of another version', { status: 200, headers: { ...reply, 'ce-specversion': '9.0' }, body: 'x' }],
      ['without a version', structured({ specversion: undefined })],
      ['with an empty id', { status: 200, headers: { ...reply, 'ce-id': '' }, body: 'x' }],
      ['with a bad time', { status: 200, headers: { ...reply, 'ce-time': 'noon' }, body: 'x' }],
      ['with a bad name', { status: 200, headers: { ...reply, 'ce-my-ext': 'x' }, body: 'x' }],
      ['whose type is a number', structured({ type: 7 })],
      ['that is not JSON', { status: 200, headers: json, body: '{' }],
      [
        'that is a batch',
        { status: 200, headers: { 'content-type': 'application/cloudevents-batch+json' }, body: '[]' },
      ],
      ['that is cut', { status: 201, headers: { ...reply, 'content-length': '10' }, body: 'cut', hangUp: true }],
      ['that stalls', { status: 200, headers: { ...reply, 'content-length': '10' }, body: 'stall', stall: true }],
    ])('O8: a reply %s is lost, and the original is acknowledged', async (_name, answer) => {
      const { subscriber, sink, replies, broker, stats } = await deliverTo(() => answer, { timeoutSeconds: 0.5 })
      await expect.poll(stats).toEqual({ ...done, delivered: 0, dropped: 1 })
      expect([subscriber, sink, replies].map(({ received }) => received.length)).toEqual([1, 0, 0])
      const lost = { kind: 'reply_lost', dispatcher: 't0', eventId: 'event-1', code: answer.status }
      expect(broker.violations()).toMatchObject([{ ...lost, reason: expect.any(String) }])
    })

    test.each<[string, Answer]>([
      ['without a type', { status: 201, headers: withoutType, body: 'x' }],
      ['with an empty source', { status: 200, headers: { ...reply, 'ce-source': '' }, body: 'x' }],
      ['without a source', { status: 200, headers: withoutSource, body: 'x' }],
    ])('O9: a reply %s sends the original to the dead letter sink with the 2xx code', async (_name, answer) => {
      const { subscriber, sink, stats } = await deliverTo(() => answer)
      const [dead] = await sink.got(1)
      expect(dead?.headers).toMatchObject({ 'ce-id': 'event-1', 'ce-knativeerrorcode': String(answer.status) })
      await expect.poll(stats).toEqual({ ...done, delivered: 0, deadLettered: 1 })
      expect(subscriber.received.length).toBe(1)
    })

    test.each<[string, Answer]>([
      ['no id', { status: 200, headers: withoutId, body: 'x' }],
      ['an empty id in JSON', structured({ id: '' })],
    ])('O2: a reply with %s gets one', async (_name, answer) => {
      const { replies, stats } = await deliverTo(() => answer)
      const [received] = await replies.got(1)
      expect(received?.headers['ce-id']).toMatch(/^[0-9a-f-]{36}$/)
      await expect.poll(stats).toEqual({ ...done, delivered: 1 })
    })

    test.each([300, 400, 422])(
      'O4: the event in an answer %i is published, though the refused one is lost',
      async (status) => {
        const { replies, broker, stats } = await deliverTo(() => ({ status, headers: reply, body: 'x' }))
        await replies.got(1)
        await expect.poll(stats).toEqual({ ...done, delivered: 0, dropped: 1 })
        expect(broker.violations()).toMatchObject([{ kind: 'refusal_acknowledged', code: status }])
      },
    )

    test.each([
      ['2xx is done', 200, { delivered: 1 }],
      ['503 is tried again', 503, { delivered: 0, retried: 2, deadLettered: 1 }],
    ] as const)('O1, O6: an answer counts by its status, though its body is cut: %s', async (_name, status, counts) => {
      const { stats } = await deliverTo(() => ({
        status,
        headers: { 'content-length': '9' },
        body: 'cut',
        hangUp: true,
      }))
      await expect.poll(stats).toEqual({ ...done, ...counts })
    })

    test('O2: a reply is in the trace of the event that it answers, unless its extension has another', async () => {
      const [own, other] = ['1', '2'].map((digit) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`) as [
        string,
        string,
      ]
      const headers: Record<string, string>[] = [{ traceparent: other }, { 'ce-traceparent': other }]
      const replies = await bench.subscriber()
      const subscriber = await bench.subscriber((_, count) => ({
        ...{ status: 200, body: 'x' },
        headers: { ...reply, ...headers[count - 1] },
      }))
      const triggers = [
        trigger('t0', subscriber, { filter: { type: 'test.a' } }),
        trigger('replies', replies, { filter: { type: 'test.reply' } }),
      ]
      const broker = await bench.broker({ brokers, triggers })
      const event = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 'test.a', traceparent: own }
      for (const _ of headers) await post(broker.addresses.main, event, 'x')
      expect((await replies.got(2)).map((received) => received.headers.traceparent)).toEqual([own, other])
    })

    test('O7: an event with an attribute that no header can hold is never sent, not even to the dead letter sink', async () => {
      const [subscriber, sink] = [await bench.subscriber(), await bench.subscriber()]
      const broker = await bench.broker({
        brokers,
        triggers: [trigger('t0', subscriber, { delivery: delivery(0, sink) })],
      })
      await send(broker.addresses.main, { note: 'a\nb' }, 'structured')
      await expect.poll(broker.stats).toMatchObject({ t0: { deadLettered: 1 }, 't0 dead letters': { dropped: 1 } })
      expect([subscriber.received, sink.received]).toEqual([[], []])
      expect(broker.violations()).toMatchObject([{ kind: 'dead_letter_sink_failed', code: -1 }])
    })

    test('X7: failures in a Fibonacci pattern are all delivered by linear retries of a second', async () => {
      const fibonacci = new Set([1, 2, 3, 5, 8, 13, 21, 34])
      const waits: number[] = []
      const sink = await bench.subscriber()
      const subscriber = await bench.subscriber((_, count) => ({ status: fibonacci.has(count) ? 409 : 204 }))
      const policy = { backoffPolicy: 'linear', backoffDelay: 'PT1S' } as const
      const broker = await bench.broker(
        { brokers, triggers: [trigger('t0', subscriber, { delivery: delivery(5, sink, policy) })] },
        { sleep: async (ms) => void waits.push(ms) },
      )
      const ids = Array.from({ length: 30 }, (_, n) => `e${n}`)
      for (const id of ids) await send(broker.addresses.main, { id })
      await expect.poll(async () => (await broker.stats()).t0).toMatchObject({ delivered: 30, retried: 8 })
      expect([...new Set(subscriber.ids())]).toEqual(ids)
      expect(waits).toEqual([1000, 2000, 3000, 1000, 1000, 1000, 1000, 1000])
      expect(sink.received).toEqual([])
    })

    test('X7: an event whose first five deliveries fail is delivered by the sixth', async () => {
      const sink = await bench.subscriber()
      const subscriber = await bench.subscriber((_, count) => ({ status: count <= 5 ? 409 : 204 }))
      const broker = await bench.broker({
        brokers,
        triggers: [trigger('t0', subscriber, { delivery: delivery(5, sink, { backoffPolicy: 'linear' }) })],
      })
      await send(broker.addresses.main)
      await expect.poll(async () => (await broker.stats()).t0).toMatchObject({ delivered: 1, retried: 5 })
      expect(sink.received).toEqual([])
    })
  })
}
