import { afterEach, describe, expect, test } from 'vitest'
import { createBench, delivery, type StartFlavour, trigger } from './flavour.ts'
import { send } from './producer.ts'

const brokers = [{ name: 'main' }]

/** Which trigger receives which event, for every flavour. */
export function describeRouting(start: StartFlavour): void {
  describe('routing', () => {
    const bench = createBench(start)
    afterEach(bench.closeAll)

    test('R1, R7: triggers without a filter receive every event', async () => {
      const [first, second] = [await bench.subscriber(), await bench.subscriber()]
      const { addresses } = await bench.broker({ brokers, triggers: [trigger('t0', first), trigger('t1', second)] })
      await send(addresses.main)
      expect((await first.got(1)).length + (await second.got(1)).length).toBe(2)
    })

    test('R2, R3, R5: a trigger receives the events that match all its attributes, and no other', async () => {
      const [matching, other] = [await bench.subscriber(), await bench.subscriber()]
      const filter = { type: 'test.a', queue: 'ai' }
      const triggers = [trigger('t0', matching, { filter }), trigger('t1', other, { filter: { type: 'test.z' } })]
      const broker = await bench.broker({ brokers, triggers })
      await send(broker.addresses.main, { id: 'no queue' })
      await send(broker.addresses.main, { id: 'other queue', queue: 'api' })
      await send(broker.addresses.main, { id: 'other type', queue: 'ai', type: 'test.b' })
      await send(broker.addresses.main, { id: 'match', queue: 'ai' })
      await matching.got(1)
      await send(broker.addresses.main, { id: 'last', type: 'test.z' })
      await other.got(1)
      expect(matching.ids()).toEqual(['match'])
      expect(other.ids()).toEqual(['last'])
      const unroutable = broker.violations().map(({ kind, broker, eventId }) => ({ kind, broker, eventId }))
      expect(unroutable).toEqual(
        ['no queue', 'other queue', 'other type'].map((eventId) => ({ kind: 'unroutable', broker: 'main', eventId })),
      )
    })

    test('R4: two triggers that match both receive the event', async () => {
      const subscriber = await bench.subscriber()
      const filter = { type: 'test.a' }
      const triggers = [trigger('t0', subscriber, { filter }), trigger('t1', subscriber, { filter })]
      const broker = await bench.broker({ brokers, triggers })
      await send(broker.addresses.main)
      await subscriber.got(2)
      expect(broker.violations()).toEqual([])
    })

    test('R6: the reply to one trigger is routed to another, and a plain body is not a reply', async () => {
      const reply = {
        'ce-specversion': '1.0',
        'ce-id': 'reply',
        'ce-source': '/t0',
        'ce-type': 'test.reply',
        'content-type': 'text/plain',
      }
      const asking = await bench.subscriber((_, count) =>
        count === 1 ? { status: 200, body: 'no event' } : { status: 200, headers: reply, body: 'x'.repeat(36_000) },
      )
      const answered = await bench.subscriber()
      const broker = await bench.broker({
        brokers,
        triggers: [
          trigger('t0', asking, { filter: { type: 'test.a' } }),
          trigger('t1', answered, { filter: { type: 'test.reply' } }),
        ],
      })
      await send(broker.addresses.main, { id: 'first' })
      await send(broker.addresses.main, { id: 'second' })
      const [received] = await answered.got(1)
      expect(received?.headers).toMatchObject({ 'ce-id': 'reply', 'ce-source': '/t0', 'content-type': 'text/plain' })
      expect(received?.body.length).toBe(36_000)
      await expect.poll(async () => (await broker.stats()).t0).toMatchObject({ delivered: 2, ready: 0, inFlight: 0 })
      expect(broker.violations()).toEqual([])
    })

    test('filters do not match an integer, an empty filter value or datacontenttype', async () => {
      const [never, all] = [await bench.subscriber(), await bench.subscriber()]
      const broker = await bench.broker({
        brokers,
        triggers: [
          trigger('int', never, { filter: { priority: '10' } }),
          trigger('any', never, { filter: { type: '' } }),
          trigger('media', never, { filter: { datacontenttype: 'application/json' } }),
          trigger('text', all, { filter: { type: 'test.a' } }),
        ],
      })
      await send(broker.addresses.main, { priority: 10, data: {} }, 'structured')
      await send(broker.addresses.main, { id: 'event-2', type: 'test.b', priority: '10' }, 'structured')
      await never.got(1)
      await all.got(1)
      expect(all.received[0]?.headers['ce-priority']).toBe('10')
      expect(never.ids()).toEqual(['event-2'])
    })

    test('brokers are isolated: one can be the dead letter sink of the other, without a loop', async () => {
      const failing = await bench.subscriber(() => ({ status: 503 }))
      const dead = await bench.subscriber()
      const deadLetterSink = { broker: 'dlq' }
      const broker = await bench.broker({
        brokers: [...brokers, { name: 'dlq' }],
        triggers: [
          trigger('q-ai', failing, { filter: { queue: 'ai' }, delivery: { ...delivery(2), deadLetterSink } }),
          trigger('q-dlq', dead, { broker: 'dlq' }),
        ],
      })
      await send(broker.addresses.main, { queue: 'ai', data: { a: 1 } })
      const [received] = await dead.got(1)
      expect(received?.headers).toMatchObject({
        'ce-id': 'event-1',
        'ce-queue': 'ai',
        'ce-knativeerrordest': failing.url,
        'ce-knativeerrorcode': '503',
      })
      expect(failing.received.length).toBe(3)
      expect(broker.violations()).toEqual([])
    })
  })
}
