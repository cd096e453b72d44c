import { describe, expect, test } from 'vitest'
import { describeTransport } from '../testing/transport-suite.ts'
import { createMemoryTransport } from './memory-transport.ts'

describe('in memory', () => {
  const options = { queueLengthMax: 1000, onUnroutable: () => undefined }
  describeTransport(
    async (plan) => createMemoryTransport({ plan, ...options }),
    (name) => name,
  )

  test('an event for a full queue is refused whole, and accepted again when there is room', async () => {
    const queues = ['small', 'large'].map((name) => ({ name, exchange: 'e', binding: {} }))
    const plan = { ingresses: [], exchanges: ['e'], queues, dispatchers: [] }
    const transport = createMemoryTransport({ plan, ...options, queueLengthMax: 2 })
    const message = { headers: {}, contentType: '', messageId: 'm', body: Buffer.alloc(0) }
    transport.consume({ queue: 'large', onDelivery: (one) => void one.ack(), onChannelClosed: () => undefined })
    expect(await transport.publish('e', message)).toBe('confirmed')
    expect(await transport.publish('e', message)).toBe('confirmed')
    expect(await transport.publish('e', message)).toBe('full')
    expect([await transport.countReady('small'), await transport.countReady('large')]).toEqual([2, 0])
    transport.consume({ queue: 'small', onDelivery: (one) => void one.ack(), onChannelClosed: () => undefined })
    expect(await transport.publish('e', message)).toBe('confirmed')
  })
})
