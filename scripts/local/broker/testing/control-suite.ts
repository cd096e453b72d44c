import { afterEach, describe, expect, test } from 'vitest'
import { type BrokerTopology, TopologyError } from '../topology/topology.ts'
import { createBench, delivery, type StartFlavour, trigger } from './flavour.ts'
import { send } from './producer.ts'

/** What the controllers are responsible for, for every flavour. */
export function describeControl(start: StartFlavour): void {
  describe('control plane', () => {
    const bench = createBench(start)
    afterEach(bench.closeAll)

    test('C1: a started broker is ready, each with its address and its dead letter sinks', async () => {
      const [failing, brokerSink, triggerSink] = [
        await bench.subscriber(() => ({ status: 500 })),
        await bench.subscriber(),
        await bench.subscriber(),
      ]
      const broker = await bench.broker({
        brokers: [{ name: 'main', deadLetterSink: { url: brokerSink.url } }, { name: 'other' }],
        triggers: [trigger('t0', failing), trigger('t1', failing, { delivery: delivery(0, triggerSink) })],
      })
      expect(Object.keys(broker.addresses)).toEqual(['main', 'other'])
      expect(broker.addresses.main).not.toBe(broker.addresses.other)
      expect(await send(broker.addresses.main)).toBe(202)
      expect(await send(broker.addresses.other)).toBe(202)
      const [ofBroker, ofTrigger] = [await brokerSink.got(1), await triggerSink.got(1)]
      for (const [dead] of [ofBroker, ofTrigger]) expect(dead?.headers['ce-knativeerrordest']).toBe(failing.url)
      expect(Object.keys(await broker.stats())).toEqual(['main dead letters', 't0', 't1', 't1 dead letters'])
    })

    test('C1: a running broker cannot be changed', async () => {
      const [subscriber, other] = [await bench.subscriber(), await bench.subscriber()]
      const filter: Record<string, string> = { type: 'test.a' }
      const topology: BrokerTopology = {
        brokers: [{ name: 'main' }],
        triggers: [trigger('t0', subscriber, { filter })],
      }
      const broker = await bench.broker(topology)
      filter.type = 'test.b'
      for (const each of topology.triggers) Object.assign(each, { subscriber: other.url, broker: 'none' })
      topology.brokers.splice(0)
      await send(broker.addresses.main, { type: 'test.b', id: 'no' })
      await send(broker.addresses.main, { type: 'test.a', id: 'yes' })
      await subscriber.got(1)
      expect(subscriber.ids()).toEqual(['yes'])
      expect(other.received).toEqual([])
    })

    test.each(['SOURCE', 's-pace-s', '123', '1a', 's_ource', 's.ource', 'sou rce', '😊', ''])(
      'C2: the filter attribute "%s" is refused',
      async (name) => {
        const subscriber = await bench.subscriber()
        const triggers = [trigger('t0', subscriber, { filter: { [name]: 'value' } })]
        const starting = bench.broker({ brokers: [{ name: 'main' }], triggers })
        await expect(starting).rejects.toThrow(TopologyError)
        await expect(starting).rejects.toThrow(`Filter key "${name}" of trigger "t0"`)
      },
    )

    test('X1: an empty filter value matches no event that has a value, and Kn-Namespace is never sent', async () => {
      const [any, all] = [await bench.subscriber(), await bench.subscriber()]
      const triggers = [trigger('any', any, { filter: { type: '', source: '' } }), trigger('all', all)]
      const broker = await bench.broker({ brokers: [{ name: 'main' }], triggers })
      await send(broker.addresses.main)
      const [received] = await all.got(1)
      expect(received?.headers).not.toHaveProperty('kn-namespace')
      await expect.poll(async () => (await broker.stats()).all).toMatchObject({ delivered: 1 })
      expect((await broker.stats()).any).toMatchObject({ ready: 0, inFlight: 0, delivered: 0 })
      expect(any.received).toEqual([])
    })

    test('X2: Prefer is never sent', async () => {
      const subscriber = await bench.subscriber()
      const broker = await bench.broker({ brokers: [{ name: 'main' }], triggers: [trigger('t0', subscriber)] })
      await send(broker.addresses.main)
      const [received] = await subscriber.got(1)
      expect(received?.headers).not.toHaveProperty('prefer')
    })

    test('X5: a trigger that has only filters receives everything', async () => {
      const subscriber = await bench.subscriber()
      // Our triggers cannot be written so; a trigger from elsewhere may be.
      const filters = { filters: [{ prefix: { type: 'test.z' } }, { not: { exact: { source: '/test' } } }] }
      const triggers = [{ ...trigger('t0', subscriber), ...filters }]
      const broker = await bench.broker({ brokers: [{ name: 'main' }], triggers })
      await send(broker.addresses.main)
      await subscriber.got(1)
      expect(subscriber.ids()).toEqual(['event-1'])
    })
  })
}
