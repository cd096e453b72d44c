import { expect, test } from 'vitest'
import { type BrokerMessage, encodeAmqp } from '../codec/amqp-codec.ts'
import type { CloudEvent } from '../codec/cloud-event.ts'
import { silentLog } from '../testing/flavour.ts'
import type { PublishOutcome } from '../transport.ts'
import { createViolations } from '../violations.ts'
import { createDispatcher, type DispatcherDeps } from './dispatcher.ts'
import type { PostOutcome } from './http-post.ts'

const event: CloudEvent = {
  ...{ specversion: '1.0', id: 'e', source: '/s', type: 't', time: '2026-01-01T00:00:00Z' },
  ...{ extensions: { queue: 'ai' }, data: Buffer.from('x') },
}
const answerWithReply: PostOutcome = {
  kind: 'answered',
  status: 200,
  rawHeaders: ['ce-specversion', '1.0', 'ce-id', 'r', 'ce-source', '/r', 'ce-type', 'reply'],
  body: Buffer.from(''),
}

/** One delivery of `event`; returns its steps in their order. */
async function dispatchOnce(over: Partial<DispatcherDeps>, publishes: PublishOutcome = 'confirmed', isOpen = true) {
  const steps: string[] = []
  const dead: BrokerMessage[] = []
  const violations = createViolations(true, silentLog)
  const dispatcher = createDispatcher({
    plan: {
      ...{ name: 't0', kind: 'trigger', broker: 'main', queue: 'q', sink: { url: 'http://sink/' }, parallelism: 1 },
      ...{ retry: 2, backOff: { policy: 'linear', delayMs: 1 }, timeoutMs: undefined, deadLetterExchange: 'dlx' },
    },
    sinkUrl: 'http://sink/',
    post: async () => answerWithReply,
    acceptReply: async () => 202,
    sleep: async () => undefined,
    decodeDefaults: { now: () => new Date(0), newId: () => 'none' },
    violations,
    signal: new AbortController().signal,
    ...over,
  })
  await dispatcher.dispatch({
    message: encodeAmqp(event),
    ack: () => {
      steps.push('ack')
      return isOpen
    },
    publish: async (exchange, message) => {
      steps.push(`publish to ${exchange}`)
      dead.push(message)
      return publishes
    },
  })
  return { steps, dead, counts: dispatcher.counts, violations: violations.list() }
}

test.each([500, 503, 404])(
  'a reply that the ingress answers %i is retried, then the original is dead-lettered with 200',
  async (status) => {
    let tried = 0
    const acceptReply = async () => {
      tried += 1
      return status
    }
    const { steps, dead, counts } = await dispatchOnce({ acceptReply })
    expect(tried).toBe(3)
    expect(steps).toEqual(['ack', 'publish to dlx'])
    expect(dead[0]?.headers).toMatchObject({
      id: 'e',
      queue: 'ai',
      knativeerrorcode: 200,
      knativeerrordest: 'http://sink/',
    })
    expect(counts).toEqual({ delivered: 0, retried: 2, deadLettered: 1, dropped: 0 })
  },
)

test('a reply that the ingress refuses is lost, and the original is acknowledged', async () => {
  const { steps, counts, violations } = await dispatchOnce({ acceptReply: async () => 400 })
  expect(steps).toEqual(['ack'])
  expect(counts).toEqual({ delivered: 0, retried: 0, deadLettered: 0, dropped: 1 })
  expect(violations).toMatchObject([{ kind: 'reply_refused', eventId: 'e', code: 400 }])
})

test('a message is acknowledged after its reply is accepted, not before', async () => {
  const order: string[] = []
  const { steps } = await dispatchOnce({
    acceptReply: async () => {
      order.push('reply')
      return 202
    },
  })
  expect([...order, ...steps]).toEqual(['reply', 'ack'])
})

const failed: Partial<DispatcherDeps> = { post: async () => ({ kind: 'failed', reason: 'ECONNREFUSED' }) }

test.each(['refused', 'unavailable', 'timeout'] as const)(
  'a dead letter whose publish is %s is lost, as it was acknowledged first',
  async (outcome) => {
    const { steps, counts, violations } = await dispatchOnce(failed, outcome)
    expect(steps).toEqual(['ack', 'publish to dlx'])
    expect(counts).toMatchObject({ deadLettered: 0, dropped: 1 })
    expect(violations).toMatchObject([{ kind: 'dead_letter_not_stored', code: -1, reason: `publish ${outcome}` }])
  },
)

test('a failure on a closed channel is not dead-lettered: the message is redelivered', async () => {
  const { steps, counts } = await dispatchOnce(failed, 'confirmed', false)
  expect(steps).toEqual(['ack'])
  expect(counts).toMatchObject({ deadLettered: 0, dropped: 0 })
})

test('a drain that takes too long leaves the message unacknowledged', async () => {
  const abort = new AbortController()
  const { steps, counts } = await dispatchOnce({
    signal: abort.signal,
    post: async () => {
      abort.abort()
      return { kind: 'failed', reason: 'aborted' }
    },
  })
  expect(steps).toEqual([])
  expect(counts).toEqual({ delivered: 0, retried: 0, deadLettered: 0, dropped: 0 })
})
