import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeAmqp, encodeAmqp } from '../../../scripts/local/broker/codec/amqp-codec.ts'
import { decodeHttp, encodeHttp } from '../../../scripts/local/broker/codec/http-codec.ts'
import { toStructuredMessage } from '../testing/event-suite.ts'
import { parseEventKeys, testEventKey, testSignatures } from '../testing/test-event-keys.ts'
import { type JsonCloudEvent, parseCloudEvent, toBinaryMessage } from './cloud-event.ts'
import { createEventSignatures, signedText, withSignedAttributes } from './event-signature.ts'

const { sign, verify } = testSignatures
const event: JsonCloudEvent = {
  specversion: '1.0',
  id: '1',
  source: '/growbin/waste-upload-complete',
  type: 'app.growbin.ai.image.analyze.v1',
  subject: '종이',
  time: '2026-11-21T09:00:00.500+09:00',
  datacontenttype: 'application/json',
  data: { job_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d' },
  extensions: { queue: 'ai', redrives: '2', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
}
const signed = sign(event)

// By `printf '%s' "$text" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary | basenc --base64url | tr -d =`.
test('a signature is the HMAC of the canonical text under a named key, as another program makes it', () => {
  expect(signedText(event)).toBe(
    '{"data":{"job_id":"0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d"},"datacontenttype":"application/json","id":"1",' +
      '"queue":"ai","redrives":"2","source":"/growbin/waste-upload-complete","specversion":"1.0","subject":"종이",' +
      '"time":"2026-11-21T00:00:00.5Z","type":"app.growbin.ai.image.analyze.v1"}',
  )
  expect(signed.extensions).toEqual({
    ...event.extensions,
    signaturekey: 'test',
    signature: 'v1.W7b8Fq22AvR0Tq831-2TYhh4WDIwbahrKMo3cIvd3UQ',
  })
  const least: JsonCloudEvent = {
    ...{ specversion: '1.0', id: '2', source: '/s', type: 't', data: undefined },
    ...{ datacontenttype: 'application/json', extensions: {} },
  }
  expect(sign(least).extensions.signature).toBe('v1.thBm88YVyas4W4abWvZ0L7Quv8gRhmVWaPc6xM2LxUM')
})

test('a signed event is signed anew with the current key', () => {
  const rotated = createEventSignatures(keysOf('new', 'test'))
  const again = rotated.sign(signed)
  expect(again.extensions.signaturekey).toBe('new')
  expect([rotated.verify(again), verify(again)]).toEqual(['valid', 'bad_signature'])
})

describe('on its way', () => {
  type Message = { headers: Record<string, string>; body: string }
  const rawHeaders = (headers: Record<string, string>) => Object.entries(headers).flat()
  const arrive = (headers: Record<string, string>, body: Buffer) => parseCloudEvent(new Headers(headers), body)
  const defaults = { now: () => new Date(), newId: () => 'made-up' }

  /** Through the ingress, a queue and the dispatcher, `times` times over: replies and dead letters go round again. */
  function travel({ headers, body }: Message, times: number): JsonCloudEvent {
    let inside = decodeHttp(rawHeaders(headers), Buffer.from(body))
    for (let n = 1; n < times; n += 1) {
      const delivered = decodeAmqp(encodeAmqp(inside), defaults)
      inside = decodeHttp(rawHeaders(encodeHttp(delivered)), delivered.data)
    }
    const delivered = decodeAmqp(encodeAmqp(inside), defaults)
    return arrive(encodeHttp(delivered), delivered.data)
  }

  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((value) => !/\p{Cc}/u.test(value))
  const time = fc
    .tuple(
      fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }),
      fc.constantFrom('', '.5', '.500', '.000', '.123456789', '.1234567890000'),
      fc.constantFrom('Z', '+09:00', '-03:30'),
    )
    .map(([date, fraction, zone]) => `${date.toISOString().slice(0, 19)}${fraction}${zone}`)
  /** What a broker writes into a header as it is, and a function reads as it was: nothing that looks encoded or quoted. */
  const plainText = fc
    .string({ unit: fc.constantFrom(...'aZ09-._~:/?#@!$&()*+,;=| 종이'), minLength: 1, maxLength: 20 })
    .filter((value) => value === value.trim())
  const eventOf = (value: typeof text) =>
    fc
      .record({ id: value, subject: fc.option(value, { nil: undefined }), time, redrives: value, data: jsonValue() })
      .map(({ redrives, subject, ...over }) => {
        const { subject: _, ...rest } = event
        const extensions = { ...event.extensions, redrives }
        return { ...rest, ...over, ...(subject !== undefined && { subject }), extensions }
      })

  test.each([
    ['any event in the binary mode', eventOf(text), toBinaryMessage],
    ['an event of plain attributes in the structured mode', eventOf(plainText), toStructuredMessage],
  ])('the signature of %s survives ingress, queue and dispatcher, once and twice', (_, events, write) => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 2 }), (any, times) => {
        expect(verify(travel(write(sign(any)), times))).toBe('valid')
      }),
      { numRuns: 300 },
    )
  })

  test('white space and the order of members do not matter, since the handler does not see them either', () => {
    const { headers } = toBinaryMessage(sign({ ...event, data: { b: 1, a: [1, { d: 0, c: 1.5 }] } }))
    const body = Buffer.from('{ "a" : [1, {"c":1.50, "d":-0}],\n "b":1e0 }')
    expect(verify(arrive(headers, body))).toBe('valid')
  })

  test('what the dispatcher adds to a dead letter, and another trace, leave the signature valid', () => {
    const extensions = {
      ...signed.extensions,
      ...{ knativeerrordest: 'http://x', knativeerrorcode: '503', tenant: 'x', traceparent: 'other' },
    }
    expect(verify({ ...signed, extensions })).toBe('valid')
  })
})

function jsonValue(): fc.Arbitrary<unknown> {
  // Over the wire there is no difference between 0 and -0.
  return fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' })
}

describe('refused', () => {
  const changes: [string, Partial<JsonCloudEvent>][] = [
    ['another id', { id: '2' }],
    ['another source', { source: '/growbin/other' }],
    ['another type', { type: 'app.growbin.api.account.delete.v1' }],
    ['another subject', { subject: 'other' }],
    ['no subject', { subject: undefined as never }],
    ['another time', { time: '2026-11-21T09:00:00.501+09:00' }],
    ['another kind of data', { datacontenttype: 'text/json' }],
    ['other data', { data: { job_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2e' } }],
    ['more data', { data: { ...(event.data as object), more: null } }],
    ['no data', { data: undefined }],
    ['another queue', { extensions: { ...signed.extensions, queue: 'batch' } }],
    ['another number of redrives', { extensions: { ...signed.extensions, redrives: '5' } }],
    ['a key that is not there', { extensions: { ...signed.extensions, signaturekey: 'old' } }],
    ['a key named as a property of every object', { extensions: { ...signed.extensions, signaturekey: 'toString' } }],
    ['no key', { extensions: { queue: 'ai', signature: signed.extensions.signature as string } }],
    ['no signature but a key', { extensions: { queue: 'ai', signaturekey: 'test' } }],
    ['a signature of another length', { extensions: { ...signed.extensions, signature: 'v1.AAAA' } }],
    ['another scheme', { extensions: { ...signed.extensions, signature: `v2.${'A'.repeat(43)}` } }],
    ['half of a surrogate pair', { data: { text: '\ud800' } }],
  ]
  test.each(changes)('%s', (_, change) => {
    expect(verify({ ...signed, ...change })).toBe('bad_signature')
  })

  test('an event without a signature is distinguished from one with a wrong one', () => {
    expect(verify(event)).toBe('unsigned')
  })

  test('data that is nested as deep as a body can be is answered, and not a stack that overflows', () => {
    const depth = 500_000
    const data = JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown
    expect(verify({ ...signed, data })).toBe('bad_signature')
  })
})

test('a handler sees only the signed attributes and the trace', () => {
  const extensions = { ...signed.extensions, tenant: 'seoul', knativeerrorcode: '503' }
  expect(withSignedAttributes({ ...signed, extensions }).extensions).toEqual(event.extensions)
})

test('the key of a producer is valid for its own sources and types only', () => {
  const limits = { sources: ['/partners/office'], types: ['app.growbin.batch.report.generate.v1'] }
  const office = testEventKey('office')
  const ours = JSON.stringify({
    ...{ current: 'test', keys: { test: testEventKey('test') } },
    producers: { 'office-1': { key: office, ...limits } },
  })
  const receiver = createEventSignatures(parseEventKeys(ours))
  const theirs = createEventSignatures(
    parseEventKeys(JSON.stringify({ current: 'office-1', keys: { 'office-1': office } })),
  )
  const verdictOf = (change: Partial<JsonCloudEvent>) =>
    receiver.verify(theirs.sign({ ...event, source: '/partners/office', type: limits.types[0] ?? '', ...change }))
  expect(verdictOf({})).toBe('valid')
  expect(verdictOf({ source: '/growbin/waste-upload-complete' })).toBe('key_not_permitted')
  expect(verdictOf({ source: '/partners/office/2' })).toBe('key_not_permitted')
  expect(verdictOf({ type: 'app.growbin.api.account.delete.v1' })).toBe('key_not_permitted')
})

/** Keys of which the first signs. */
function keysOf(current: string, ...others: string[]) {
  const names = [current, ...others]
  return parseEventKeys(
    JSON.stringify({ current, keys: Object.fromEntries(names.map((name) => [name, testEventKey(name)])) }),
  )
}

test('a rotation under load loses no event: accept the new key, sign with it, remove the old one', () => {
  // Two instances of each function, which never change at the same moment: a rollout goes through them one by one.
  const rings = [keysOf('old'), keysOf('old', 'new'), keysOf('new', 'old'), keysOf('new')]
  const instances = [0, 0, 0, 0]
  const onTheWay: JsonCloudEvent[] = []
  const verdicts: string[] = []
  const at = (instance: number) => createEventSignatures(rings[instances[instance] ?? 0] as (typeof rings)[number])
  const exchange = () => {
    for (const sender of instances.keys()) onTheWay.push(at(sender).sign({ ...event, id: `${onTheWay.length}` }))
  }
  const deliverAll = () => {
    for (const sent of onTheWay.splice(0)) {
      for (const receiver of instances.keys()) verdicts.push(at(receiver).verify(sent))
    }
  }
  for (const step of [1, 2, 3]) {
    for (const instance of instances.keys()) {
      exchange()
      instances[instance] = step
      exchange()
      deliverAll()
    }
    // Before the old key goes, what was signed with it has been handled.
    exchange()
    deliverAll()
  }
  expect(verdicts).toHaveLength((3 * 4 * 2 + 3) * 4 * 4)
  expect(new Set(verdicts)).toEqual(new Set(['valid']))
})
