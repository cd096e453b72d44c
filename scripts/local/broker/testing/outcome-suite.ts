import { afterEach, describe, expect, test } from 'vitest'
import { createBench, delivery, type StartFlavour, trigger } from './flavour.ts'
import { send } from './producer.ts'
import type { Answer, AnswerTo } from './subscriber.ts'

const brokers = [{ name: 'main' }]
const reply = { 'ce-specversion': '1.0', 'ce-id': 'reply', 'ce-source': '/r', 'ce-type': 'test.reply' }
const failureBody = '{"reason":"because"}'

/** What becomes of an event by the outcome at its subscriber, for every flavour. */
export function describeOutcomes(start: StartFlavour): void {
  describe('outcome at the subscriber', () => {
    const bench = createBench(start)
    afterEach(bench.closeAll)

    /** One event for a subscriber that answers so, with two retries and a dead letter sink. */
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
      ...[300, 301, 302, 303, 304, 307, 308].map((status) => ['O3', status, '']),
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

    test('O7: no answer in time is tried again, and dead-lettered with -1 in the end', async () => {
      const never = new Promise<never>(() => undefined)
      const { subscriber, sink, stats } = await deliverTo(() => never, { timeoutSeconds: 0.1 })
      const [dead] = await sink.got(1)
      expect(dead?.headers['ce-knativeerrorcode']).toBe('-1')
      expect(subscriber.received.length).toBe(3)
      await expect.poll(stats).toEqual({ ...done, delivered: 0, retried: 2, deadLettered: 1 })
    })

    test('O7: an answer that comes in time at a later attempt is the outcome', async () => {
      const never = new Promise<never>(() => undefined)
      const slowTwice: AnswerTo = (_, count) => (count < 3 ? never : { status: 204 })
      const { sink, stats } = await deliverTo(slowTwice, { timeoutSeconds: 0.5 })
      await expect.poll(stats, { timeout: 20_000 }).toEqual({ ...done, delivered: 1, retried: 2 })
      expect(sink.received).toEqual([])
    })

    test('X4, O7: an unreachable subscriber is dead-lettered with -1 and its address, without Kn-Namespace', async () => {
      const gone = await bench.subscriber()
      await gone.close()
      const sink = await bench.subscriber()
      const broker = await bench.broker({ brokers, triggers: [trigger('t0', gone, { delivery: delivery(1, sink) })] })
      await send(broker.addresses.main)
      const [dead] = await sink.got(1)
      expect(dead?.headers).toMatchObject({ 'ce-knativeerrordest': gone.url, 'ce-knativeerrorcode': '-1' })
      expect(dead?.headers).not.toHaveProperty('kn-namespace')
    })

    const { 'ce-type': _, ...withoutType } = reply
    test.each<[string, Answer]>([
      ['without a type', { status: 201, headers: withoutType, body: 'x' }],
      ['of another version', { status: 200, headers: { ...reply, 'ce-specversion': '9.0' }, body: 'x' }],
      ['that is not JSON', { status: 200, headers: { 'content-type': 'application/cloudevents+json' }, body: '{' }],
    ])('O8: a reply %s sends the original to the dead letter sink with the 2xx code', async (_name, answer) => {
      const { subscriber, sink, stats } = await deliverTo(() => answer)
      const [dead] = await sink.got(1)
      expect(dead?.headers).toMatchObject({ 'ce-id': 'event-1', 'ce-knativeerrorcode': String(answer.status) })
      await expect.poll(stats).toEqual({ ...done, delivered: 0, deadLettered: 1 })
      expect(subscriber.received.length).toBe(1)
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
