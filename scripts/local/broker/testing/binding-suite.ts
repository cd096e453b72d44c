import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  cloudEventScenarios,
  officialEvent,
  type PlainEvent,
} from '../../../../functions/_lib/testing/cloud-event-scenarios.ts'
import { postWireMessage } from '../../../../functions/_lib/testing/post-wire-message.ts'
import type { RunningBroker } from '../broker.ts'
import { createBench, type StartFlavour, trigger } from './flavour.ts'
import { send } from './producer.ts'
import type { Received, Subscriber } from './subscriber.ts'

/** The HTTP binding of CloudEvents at the ingress, compared with what a subscriber receives, for every flavour. */
export function describeBinding(start: StartFlavour): void {
  describe('HTTP binding of CloudEvents', () => {
    const bench = createBench(start)
    let subscriber: Subscriber
    let broker: RunningBroker
    beforeAll(async () => {
      subscriber = await bench.subscriber()
      broker = await bench.broker({ brokers: [{ name: 'main' }], triggers: [trigger('all', subscriber)] })
    })
    afterAll(bench.closeAll)

    /** The next event that the subscriber receives; one trigger delivers in order. */
    const nextOf = async (before: number) => (await subscriber.got(before + 1))[before] as Received

    test.each(cloudEventScenarios)('$name ($rule): $broker', async ({ meant, write, passed, broker: verdict }) => {
      const before = subscriber.received.length
      const sent = meant(officialEvent)
      const { status, text } = await postWireMessage(`${broker.addresses.main}/`, write(sent))
      if (verdict === 'refused') {
        expect(status).toBe(400)
        expect(text).toMatch(/^[A-Z].+\.$/)
        await send(broker.addresses.main, { id: 'after' })
        expect((await nextOf(before)).headers['ce-id']).toBe('after')
        return
      }
      expect({ status, text }).toEqual({ status: 202, text: '' })
      const received = await nextOf(before)
      expect(attributesOf(received)).toEqual({ ...sent.attributes, ...passed })
      expect(received.headers['content-type']).toBe(sent.contentType)
      expect(dataOf(received.body.toString(), sent)).toEqual(dataOf(sent.data, sent))
    })
  })
}

/** Attribute values are the bytes that were sent, in UTF-8 and not percent-encoded. */
function attributesOf({ headers }: Received): Record<string, string> {
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith('ce-'))
  return Object.fromEntries(attributes.map(([name, value]) => [name.slice(3), Buffer.from(value, 'latin1').toString()]))
}

/** JSON is compared without its layout but with every digit; anything else byte by byte. */
function dataOf(text: string, { contentType }: PlainEvent): unknown {
  if (!/json/.test(contentType ?? 'json')) return text
  try {
    return JSON.parse(text, (_key, value, { source }: { source?: string } = {}) =>
      typeof value === 'number' ? source : value,
    )
  } catch {
    return text
  }
}
