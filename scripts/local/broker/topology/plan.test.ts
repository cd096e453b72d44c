import { describe, expect, test } from 'vitest'
import { parseDurationMs } from './duration.ts'
import { childName, createNames } from './names.ts'
import { planTopology } from './plan.ts'
import { type BrokerTopology, checkTopology } from './topology.ts'

const names = createNames({ namespace: 'ns', uid: 'uid' })
const trigger = { name: 't', broker: 'b', filter: {}, subscriber: 'http://s/', parallelism: 3, delivery: undefined }

describe('plan', () => {
  test.each([
    ['PT0.2S', 200],
    ['PT1M30S', 90_000],
    ['P1DT1H', 90_000_000],
    ['P', undefined],
    ['PT', undefined],
    ['P1DT', undefined],
    ['1s', undefined],
  ])('duration %s is %s ms', (duration, expected) => {
    expect(parseDurationMs(duration)).toBe(expected)
  })

  test('names have at most 63 characters, and differ when what they were cut from differs', () => {
    const uid = '0f8fad5b-d9cb-469f-a165-70867728950e'
    expect(childName('b.ns.broker.', 'uid')).toBe('b.ns.broker.uid')
    const long = childName('b.messaging.growbin-dead-letters.', uid)
    expect(long).toMatch(/^b\.messaging\.growbin-dead-letter[0-9a-f]{32}$/)
    expect(long).not.toBe(childName('b.messaging.growbin-dead-letters2.', uid))
    expect(childName('b'.repeat(70), 'uid')).toMatch(/^b{28}[0-9a-f]{32}uid$/)
  })

  test('a broker dead letter dispatcher has the delivery of the broker, no timeout and one worker', () => {
    const delivery = { retry: 3, backoffPolicy: 'linear' as const, backoffDelay: 'PT1S', timeoutSeconds: 5 }
    const deadLetterSink = { url: 'http://sink/' }
    const plan = planTopology({ brokers: [{ name: 'b', deadLetterSink, delivery }], triggers: [trigger] }, names)
    expect(plan.exchanges).toEqual(['b.ns.b.uid', 'b.ns.b.dlx.uid'])
    expect(plan.queues).toEqual([
      { name: 'b.ns.b.dlq.uid', exchange: 'b.ns.b.dlx.uid', binding: { 'x-knative-dlq': 'b' } },
      { name: 'ns.t.uid', exchange: 'b.ns.b.uid', binding: { 'x-knative-trigger': 't' } },
    ])
    const backOff = { policy: 'linear', delayMs: 1000 }
    expect(plan.dispatchers).toMatchObject([
      { name: 'b dead letters', kind: 'dead_letter', parallelism: 1, retry: 3, backOff, timeoutMs: undefined },
      { name: 't', parallelism: 3, retry: 3, backOff, timeoutMs: 5000, deadLetterExchange: 'b.ns.b.dlx.uid' },
    ])
  })

  test('an invalid topology is refused with every mistake at once', () => {
    const wrong: BrokerTopology = {
      brokers: [{ name: 'b', deadLetterSink: { broker: 'nowhere' } }, { name: 'b' }],
      triggers: [
        {
          ...{ name: 't', broker: 'other', filter: { 'Bad-Key': 'x' }, subscriber: 'ftp://x', parallelism: 0 },
          delivery: { retry: -1, backoffDelay: '1s', timeoutSeconds: 0, deadLetterSink: { url: 'x' } },
        },
      ],
    }
    expect(() => checkTopology(wrong)).toThrow(
      [
        'Broker "b" is declared more than once.',
        'Dead letter broker "nowhere" of broker "b" is not in the topology.',
        'Dead letter URL "x" of trigger "t" is not an http or https URL.',
        'Retry "-1" of trigger "t" is not an integer of 0 or more.',
        'Back-off delay "1s" of trigger "t" is not an ISO 8601 duration such as PT0.5S.',
        'Timeout "0" of trigger "t" is not a number of seconds above 0.',
        'Broker "other" of trigger "t" is not in the topology.',
        'Subscriber "ftp://x" of trigger "t" is not an http or https URL.',
        'Parallelism "0" of trigger "t" is not an integer from 1 to 1000.',
        'Filter key "Bad-Key" of trigger "t" is not lower-case letters and digits.',
      ].join(' '),
    )
  })
})
