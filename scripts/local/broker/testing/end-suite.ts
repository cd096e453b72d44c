import { afterEach, describe, expect, test } from 'vitest'
import type { BrokerOptions } from '../broker.ts'
import { createBench, delivery, type StartFlavour, trigger } from './flavour.ts'
import { send } from './producer.ts'

/** A dispatcher that is terminated, as in each roll-out and each drain of a node, for every flavour. */
export function describeEndOfDispatchers(start: StartFlavour): void {
  describe('a terminated dispatcher', () => {
    const bench = createBench(start)
    afterEach(bench.closeAll)

    /** Four valid events, of which two are in flight and two wait, at a subscriber that is slow once. */
    async function underWay(options: BrokerOptions = {}) {
      let slow = true
      const subscriber = await bench.subscriber(() => (slow ? new Promise<never>(() => undefined) : { status: 204 }))
      const sink = await bench.subscriber()
      const triggers = [trigger('t0', subscriber, { parallelism: 2, delivery: delivery(5, sink) })]
      const broker = await bench.broker({ brokers: [{ name: 'main' }], triggers }, options)
      for (const id of ['a', 'b', 'c', 'd']) await send(broker.addresses.main, { id })
      await subscriber.got(2)
      slow = false
      return { subscriber, sink, broker, stats: async () => (await broker.stats()).t0 }
    }

    test('dead-letters its deliveries in flight with -1, without a retry, and leaves the rest to its successor', async () => {
      const { subscriber, sink, broker, stats } = await underWay()
      await broker.rollDispatchers({ lostShare: 0 })
      const dead = await sink.got(2)
      expect(dead.map(({ headers }) => [headers['ce-id'], headers['ce-knativeerrorcode']]).sort()).toEqual([
        ['a', '-1'],
        ['b', '-1'],
      ])
      await expect.poll(stats).toMatchObject({ ready: 0, inFlight: 0, delivered: 2, retried: 0, deadLettered: 2 })
      expect(subscriber.ids().sort()).toEqual(['a', 'b', 'c', 'd'])
      expect(broker.violations()).toEqual([])
    })

    test('loses a dead letter that was acknowledged but not sent when its connection closes', async () => {
      const draws = [0.9, 0.1]
      const { sink, broker, stats } = await underWay({ random: () => draws.shift() ?? 0.9 })
      await broker.rollDispatchers({ lostShare: 0.5 })
      await sink.got(1)
      await expect.poll(stats).toMatchObject({ ready: 0, inFlight: 0, delivered: 2, deadLettered: 1, dropped: 1 })
      expect(broker.violations()).toMatchObject([{ kind: 'dead_letter_not_stored', dispatcher: 't0', code: -1 }])
    })

    test('ends at once when the whole broker is closed without a drain', async () => {
      const { broker } = await underWay()
      await broker.close({ cancel: { lostShare: 1 } })
      expect(broker.violations().map(({ kind }) => kind)).toEqual(['dead_letter_not_stored', 'dead_letter_not_stored'])
    })
  })
}
