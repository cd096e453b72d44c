import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { createBench, delivery, type StartFlavour, trigger } from './flavour.ts'
import { send } from './producer.ts'

const brokers = [{ name: 'main' }]

/** Retries, dead letters and quirks of the dispatcher, for every flavour. */
export function describeDelivery(start: StartFlavour): void {
  describe('delivery', () => {
    const bench = createBench(start)
    afterEach(bench.closeAll)

    const failFirst = (times: number, status = 409) =>
      bench.subscriber((_, count) => ({ status: count <= times ? status : 204 }))

    test('D1: without delivery there is one attempt, the event is lost, and unacknowledged messages are redelivered', async () => {
      let release = () => undefined as undefined
      const held = new Promise<void>((resolve) => {
        release = () => void resolve() as undefined
      })
      const subscriber = await bench.subscriber(async ({ headers }) => {
        if (headers['ce-id'] === 'bad') return { status: 500 }
        await held
        return { status: 204 }
      })
      const broker = await bench.broker({ brokers, triggers: [trigger('t0', subscriber, { parallelism: 3 })] })
      await send(broker.addresses.main, { id: 'slow' })
      await subscriber.got(1)
      await send(broker.addresses.main, { id: 'bad' })
      await subscriber.got(3)
      release()
      await expect.poll(async () => (await broker.stats()).t0).toMatchObject({ delivered: 1, dropped: 1, ready: 0 })
      expect(subscriber.ids()).toEqual(['slow', 'bad', 'slow'])
      expect(broker.violations()).toMatchObject([{ kind: 'dead_letter_not_stored', code: 500, eventId: 'bad' }])
    })

    test('D2: broker delivery with retry 3: three failures are delivered, four go to the sink of the broker once', async () => {
      const [t1, t2, sink] = [await failFirst(3), await failFirst(4), await bench.subscriber()]
      const broker = await bench.broker({
        brokers: [{ name: 'main', deadLetterSink: { url: sink.url }, delivery: delivery(3) }],
        triggers: [trigger('t1', t1), trigger('t2', t2)],
      })
      await send(broker.addresses.main)
      const [dead] = await sink.got(1)
      expect(dead?.headers).toMatchObject({ 'ce-knativeerrordest': t2.url, 'ce-knativeerrorcode': '409' })
      await expect.poll(async () => (await broker.stats())['main dead letters']).toMatchObject({ delivered: 1 })
      await t1.got(4)
      expect([t1.received.length, t2.received.length, sink.received.length]).toEqual([4, 4, 1])
    })

    test('D3: delivery of a trigger: retry 3 succeeds; retry 1 without a sink is dropped', async () => {
      const [t1, t2, sink] = [await failFirst(3), await failFirst(2), await bench.subscriber()]
      const broker = await bench.broker({
        brokers,
        triggers: [trigger('t1', t1, { delivery: delivery(3, sink) }), trigger('t2', t2, { delivery: delivery(1) })],
      })
      await send(broker.addresses.main)
      await expect.poll(broker.stats).toMatchObject({
        t1: { delivered: 1, retried: 3, deadLettered: 0, dropped: 0 },
        t2: { delivered: 0, retried: 1, deadLettered: 0, dropped: 1 },
      })
      expect(broker.violations()).toMatchObject([{ kind: 'no_dead_letter_sink', dispatcher: 't2', code: 409 }])
      expect(sink.received).toEqual([])
    })

    test.each([3, 4])('D4, D5: the trigger wins over the broker (%i failures)', async (failures) => {
      const [t1, t2] = [await failFirst(failures), await failFirst(2)]
      const [triggerSink, brokerSink] = [await bench.subscriber(), await bench.subscriber()]
      const broker = await bench.broker({
        brokers: [{ name: 'main', deadLetterSink: { url: brokerSink.url }, delivery: delivery(1) }],
        triggers: [trigger('t1', t1, { delivery: delivery(3, triggerSink) }), trigger('t2', t2)],
      })
      await send(broker.addresses.main)
      await brokerSink.got(1)
      expect(brokerSink.received[0]?.headers['ce-knativeerrordest']).toBe(t2.url)
      if (failures === 4) await triggerSink.got(1)
      const t1Stats = failures === 4 ? { deadLettered: 1, delivered: 0 } : { deadLettered: 0, delivered: 1 }
      await expect.poll(async () => (await broker.stats()).t1).toMatchObject({ ...t1Stats, retried: 3 })
      expect(triggerSink.received.length).toBe(failures - 3)
    })

    test('a trigger with delivery but no sink does not inherit the sink of its broker', async () => {
      const [subscriber, sink] = [await failFirst(9), await bench.subscriber()]
      const broker = await bench.broker({
        brokers: [{ name: 'main', deadLetterSink: { url: sink.url } }],
        triggers: [trigger('t0', subscriber, { delivery: delivery(0) })],
      })
      await send(broker.addresses.main)
      await expect.poll(async () => (await broker.stats()).t0).toMatchObject({ dropped: 1 })
      expect(sink.received).toEqual([])
    })

    test('a violation is recorded only when strict, and the event is lost in either case', async () => {
      const subscriber = await bench.subscriber(() => ({ status: 422 }))
      const broker = await bench.broker({ brokers, triggers: [trigger('t0', subscriber)] }, { strict: false })
      await send(broker.addresses.main)
      await expect.poll(async () => (await broker.stats()).t0).toMatchObject({ dropped: 1 })
      expect(broker.violations()).toEqual([])
    })

    test('X6: a long message and a long reply arrive once and complete', async () => {
      const reply = { 'content-type': 'application/cloudevents+json' }
      const body = JSON.stringify({
        specversion: '1.0',
        id: 'r',
        source: '/r',
        type: 'reply',
        data: 'y'.repeat(36_000),
      })
      const [asking, answered] = [
        await bench.subscriber(() => ({ status: 200, headers: reply, body })),
        await bench.subscriber(),
      ]
      const broker = await bench.broker({
        brokers,
        triggers: [
          trigger('t0', asking, { filter: { type: 'test.a' } }),
          trigger('t1', answered, { filter: { type: 'reply' } }),
        ],
      })
      await send(broker.addresses.main, { data: 'x'.repeat(36_864), datacontenttype: 'text/plain' })
      const [received] = await answered.got(1)
      expect(received?.body.toString()).toBe(JSON.stringify('y'.repeat(36_000)))
      expect(asking.received[0]?.body.toString()).toBe('x'.repeat(36_864))
      expect(asking.received.length).toBe(1)
    })

    test('X8: delivery without retry means 5 retries', async () => {
      const [subscriber, sink] = [await failFirst(99), await bench.subscriber()]
      const { retry: _, ...withoutRetry } = delivery(0, sink)
      const broker = await bench.broker({ brokers, triggers: [trigger('t0', subscriber, { delivery: withoutRetry })] })
      await send(broker.addresses.main)
      await sink.got(1)
      expect(subscriber.received.length).toBe(6)
    })

    test.each([
      ['exponential', [400, 800, 1600]],
      ['linear', [200, 400, 600]],
    ] as const)('the wait before each retry is %s as the dispatcher computes it', async (backoffPolicy, expected) => {
      const waits: number[] = []
      const [subscriber, sink] = [await failFirst(99), await bench.subscriber()]
      const triggers = [trigger('t0', subscriber, { delivery: delivery(3, sink, { backoffPolicy }) })]
      const sleep = async (ms: number) => void waits.push(ms)
      const broker = await bench.broker({ brokers, triggers }, { sleep })
      await send(broker.addresses.main)
      await sink.got(1)
      expect(waits).toEqual(expected)
    })

    test('the dead letter dispatcher retries `retry` times and then acknowledges in every case', async () => {
      const [subscriber, sink] = [await failFirst(99, 500), await failFirst(99, 503)]
      const triggers = [trigger('t0', subscriber, { delivery: delivery(2, sink) })]
      const broker = await bench.broker({ brokers, triggers })
      await send(broker.addresses.main)
      await expect.poll(broker.stats).toMatchObject({
        t0: { deadLettered: 1, dropped: 0 },
        't0 dead letters': { dropped: 1, retried: 2, ready: 0, inFlight: 0 },
      })
      expect(sink.received.length).toBe(3)
      expect(broker.violations()).toMatchObject([{ kind: 'dead_letter_sink_failed', code: 503, eventId: 'event-1' }])
    })

    test('no more than `parallelism` deliveries of a trigger are in flight at once', async () => {
      let now = 0
      let most = 0
      const subscriber = await bench.subscriber(async () => {
        now += 1
        most = Math.max(most, now)
        await sleep(5)
        now -= 1
        return { status: 204 }
      })
      const broker = await bench.broker({ brokers, triggers: [trigger('t0', subscriber, { parallelism: 4 })] })
      await Promise.all(Array.from({ length: 40 }, (_, n) => send(broker.addresses.main, { id: `e${n}` })))
      await subscriber.got(40)
      expect(most).toBe(4)
    })

    test('with parallelism 1 events arrive in order, and a failing one blocks those behind it', async () => {
      const subscriber = await bench.subscriber(({ headers }, count) => ({
        status: headers['ce-id'] === 'e3' && count < 7 ? 503 : 204,
      }))
      const sink = await bench.subscriber()
      const triggers = [trigger('t0', subscriber, { delivery: delivery(9, sink) })]
      const broker = await bench.broker({ brokers, triggers })
      const ids = Array.from({ length: 30 }, (_, n) => `e${n}`)
      for (const id of ids) await send(broker.addresses.main, { id })
      await subscriber.got(33)
      expect([...new Set(subscriber.ids())]).toEqual(ids)
      expect(subscriber.ids().slice(3, 7)).toEqual(['e3', 'e3', 'e3', 'e3'])
    })

    test('close waits for deliveries in flight and begins no other', async () => {
      let release: (answer: { status: number }) => void = () => undefined
      const subscriber = await bench.subscriber(() => new Promise((resolve) => (release = resolve)))
      const broker = await bench.broker({ brokers, triggers: [trigger('t0', subscriber)] })
      await send(broker.addresses.main, { id: 'under-way' })
      await send(broker.addresses.main, { id: 'waiting' })
      await subscriber.got(1)
      const closed = broker.close({ drainMs: 60_000 })
      release({ status: 204 })
      await closed
      expect(subscriber.ids()).toEqual(['under-way'])
      await expect(send(broker.addresses.main)).rejects.toThrow()
    })

    test('close gives up on deliveries that outlast the drain', async () => {
      const subscriber = await bench.subscriber(() => new Promise(() => undefined))
      const broker = await bench.broker({ brokers, triggers: [trigger('t0', subscriber)] })
      await send(broker.addresses.main)
      await subscriber.got(1)
      await broker.close({ drainMs: 20 })
    })
  })
}
