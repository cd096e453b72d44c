import { afterEach, describe, expect, test } from 'vitest'
import type { BrokerMessage } from '../codec/amqp-codec.ts'
import type { Plan } from '../topology/plan.ts'
import type { Delivery, Transport } from '../transport.ts'

const trigger = { 'x-knative-trigger': 't' }
const bindings: Record<string, Record<string, string>> = {
  'no filter': trigger,
  'type a': { ...trigger, type: 'a' },
  'empty type': { ...trigger, type: '' },
  'priority 10': { ...trigger, priority: '10' },
  'type and queue': { ...trigger, type: 'a', queue: 'ai' },
}
const headers: Record<string, Record<string, unknown>> = {
  'type=a': { type: 'a' },
  'type=': { type: '' },
  'ce-type=a': { 'ce-type': 'a' },
  'priority=10 integer': { priority: 10 },
  'priority=10 string': { priority: '10' },
  'no headers': {},
  'type=a queue=ai': { type: 'a', queue: 'ai', other: 'x' },
}

/** Routing as in RabbitMQ; the expected table was observed on RabbitMQ itself. */
export function describeTransport(open: (plan: Plan) => Promise<Transport>, unique: (name: string) => string): void {
  describe('transport', () => {
    let transport: Transport | undefined
    afterEach(async () => {
      await transport?.close()
      transport = undefined
    })

    test('a headers exchange routes to exactly the queues that RabbitMQ would choose', async () => {
      const exchange = unique('exchange')
      const queues = Object.entries(bindings).map(([name, binding]) => ({ name: unique(name), exchange, binding }))
      transport = await open({ ingresses: [], exchanges: [exchange], queues, dispatchers: [] })
      for (const [messageId, each] of Object.entries(headers)) {
        expect(await transport.publish(exchange, message(messageId, each))).toBe('confirmed')
      }
      const expected: Record<string, string[]> = {
        'no filter': Object.keys(headers),
        'type a': ['type=a', 'type=a queue=ai'],
        'empty type': ['type='],
        'priority 10': ['priority=10 string'],
        'type and queue': ['type=a queue=ai'],
      }
      const found: Record<string, string[]> = {}
      for (const name of Object.keys(bindings)) found[name] = await takeAll(transport, unique(name))
      expect(found).toEqual(expected)
    })

    test('the consumer holds at most 100 unacknowledged messages', async () => {
      const [exchange, name] = [unique('prefetch exchange'), unique('prefetch queue')]
      const queues = [{ name, exchange, binding: {} }]
      transport = await open({ ingresses: [], exchanges: [exchange], queues, dispatchers: [] })
      for (let n = 0; n < 130; n += 1) await transport.publish(exchange, message(`m${n}`, {}))
      const held: Delivery[] = []
      transport.consume({ queue: name, onDelivery: (one) => held.push(one), onChannelClosed: () => undefined })
      await expect.poll(() => transport?.countReady(name)).toBe(30)
      expect(held.length).toBe(100)
      for (const one of held.slice(0, 30)) one.ack()
      await expect.poll(() => held.length).toBe(130)
      expect(held.map(({ message }) => message.messageId)).toEqual(Array.from({ length: 130 }, (_, n) => `m${n}`))
    })
  })
}

function message(messageId: string, headers: Record<string, unknown>): BrokerMessage {
  return { headers, contentType: 'text/plain', messageId, body: Buffer.from(messageId) }
}

async function takeAll(transport: Transport, queue: string): Promise<string[]> {
  const taken: string[] = []
  const count = await transport.countReady(queue)
  await new Promise<void>((resolve) => {
    if (count === 0) return resolve()
    const onDelivery = (one: Delivery) => {
      taken.push(one.message.messageId)
      one.ack()
      if (taken.length === count) resolve()
    }
    transport.consume({ queue, onDelivery, onChannelClosed: () => undefined })
  })
  return taken
}
