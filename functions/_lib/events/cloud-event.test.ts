import { CloudEvent, HTTP } from 'cloudevents'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cloudEventScenarios, officialEvent, type PlainEvent } from '../testing/cloud-event-scenarios.ts'
import { toStructuredMessage } from '../testing/event-suite.ts'
import { CloudEventFormatError, type JsonCloudEvent, parseCloudEvent, toBinaryMessage } from './cloud-event.ts'

const event: JsonCloudEvent = {
  specversion: '1.0',
  id: 'event-1',
  source: '/growbin/test',
  type: 'app.growbin.ai.image.analyze.v1',
  subject: 'job-1',
  time: '2026-09-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  data: { text: '투명 페트병' },
  extensions: { queue: 'ai', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
}
const bytes = (text: string) => new TextEncoder().encode(text)
const parse = (headers: Record<string, string>, body: string | Uint8Array) =>
  parseCloudEvent(new Headers(headers), typeof body === 'string' ? bytes(body) : body)
const binary = toBinaryMessage(event)
const parseWith = (headers: Record<string, string>, body: string | Uint8Array = binary.body) =>
  parse({ ...binary.headers, ...headers }, body)
const structured = (changes: Record<string, unknown>, contentType = 'application/cloudevents+json') =>
  parse({ 'content-type': contentType }, JSON.stringify({ ...JSON.parse(toStructuredMessage(event).body), ...changes }))

const safeText = fc.string({ unit: fc.constantFrom(...'abcXYZ019-._~:/?#@!$&()*+,;=|'), minLength: 1, maxLength: 30 })
const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text))
const extensionName = fc
  .string({ unit: fc.constantFrom(...'abcdefgh0123'), minLength: 3, maxLength: 20 })
  .filter((name) => !['data', 'id', 'type'].includes(name) && /^[a-z]/.test(name))
const sourceText = fc
  .string({ unit: fc.constantFrom(...'abc019-._~'), maxLength: 20 })
  .map((path) => `/growbin/${path}`)
const eventOf = (text: fc.Arbitrary<string>): fc.Arbitrary<JsonCloudEvent> =>
  fc.record({
    specversion: fc.constant('1.0' as const),
    id: text,
    source: sourceText,
    type: text,
    subject: text,
    time: fc
      .date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    datacontenttype: fc.constant('application/json'),
    data: fc.dictionary(fc.string(), fc.jsonValue()).map((data) => JSON.parse(JSON.stringify(data)) as unknown),
    extensions: fc.dictionary(extensionName, text, { noNullPrototype: true }),
  })

describe('an event comes out as it went in', () => {
  test('through the binary mode, in any language', () => {
    fc.assert(
      fc.property(eventOf(anyText), (sent) => {
        const { headers, body } = toBinaryMessage(sent)
        for (const value of Object.values(headers)) expect(value).toMatch(/^[\x21-\x7e]+$/)
        expect(parse(headers, body)).toEqual(sent)
      }),
    )
  })

  test('through the structured mode, in any language', () => {
    fc.assert(
      fc.property(eventOf(anyText), (sent) => {
        const { headers, body } = toStructuredMessage(sent)
        expect(parse(headers, body)).toEqual(sent)
      }),
    )
  })

  test.each(['binary', 'structured'] as const)('from the SDK of CloudEvents in %s mode', (mode) => {
    fc.assert(
      fc.property(eventOf(safeText), ({ extensions, ...attributes }) => {
        const message = HTTP[mode](new CloudEvent({ ...attributes, ...extensions }))
        const received = parse(message.headers as Record<string, string>, message.body as string)
        expect({ ...received, datacontenttype: 'application/json' }).toEqual({ ...attributes, extensions })
      }),
    )
  })

  test('to the SDK of CloudEvents', () => {
    fc.assert(
      fc.property(eventOf(safeText), (sent) => {
        const { headers, body } = toBinaryMessage(sent)
        const received = HTTP.toEvent<unknown>({ headers, body }) as CloudEvent<unknown>
        expect(received.validate()).toBe(true)
        const { extensions, ...attributes } = sent
        expect(JSON.parse(JSON.stringify(received))).toEqual({ ...attributes, ...extensions })
      }),
    )
  })
})

describe('the scenarios of the HTTP binding', () => {
  test.each(cloudEventScenarios)('$name ($rule): $reader', ({ meant, write, reader }) => {
    const sent = meant(officialEvent)
    const { headers, body } = write(sent)
    if (reader === 'refused') {
      expect(() => parse(headers, body)).toThrow(CloudEventFormatError)
      return
    }
    const { data, datacontenttype, extensions, time, ...received } = parse(headers, body)
    const { time: sentTime, ...attributes } = sent.attributes
    expect({ ...received, ...extensions }).toEqual(attributes)
    expect(Date.parse(time ?? '')).toBe(Date.parse(sentTime ?? ''))
    expect(datacontenttype).toBe(sent.contentType ?? 'application/json')
    expect(data).toEqual(dataOf(sent))
  })
  const dataOf = ({ data, contentType }: PlainEvent): unknown => {
    if (data === '') return undefined
    return /json/.test(contentType ?? 'json') ? JSON.parse(data) : data
  }
})

describe('the media type decides the mode', () => {
  test('without regard to case and parameters', () => {
    expect(structured({}, 'Application/CloudEvents+JSON; charset=UTF-8')).toEqual(event)
  })
  test.each([
    'application/cloudevents-batch+json',
    'APPLICATION/CLOUDEVENTS-BATCH',
    'application/cloudevents-batch+json; x=1',
  ])('a batch is recognized before a structured event: %s', (type) =>
    expect(() => structured({}, type)).toThrow('Batched events are not accepted'),
  )
  test.each(['application/cloudevents', 'application/cloudevents+avro', 'application/cloudevents+jsonx'])(
    'another structured format is refused: %s',
    (type) => expect(() => structured({}, type)).toThrow(CloudEventFormatError),
  )
  test.each(['application/json', 'application/problem+json', 'application/json; charset=utf-8'])(
    'all else is binary, with JSON: %s',
    (type) => expect(parseWith({ 'content-type': type })).toEqual({ ...event, datacontenttype: type }),
  )
  test('other data is refused, unless there is none', () => {
    expect(() => parseWith({ 'content-type': 'text/plain' })).toThrow('The only data accepted is JSON')
    expect(parseWith({ 'content-type': 'text/plain' }, '').data).toBeUndefined()
  })
})

describe('attributes', () => {
  test.each(['id', 'source', 'type', 'specversion'])('"%s" is required, and not empty', (name) => {
    const { [`ce-${name}`]: _, ...headers } = binary.headers
    expect(() => parse(headers, binary.body)).toThrow(name)
    expect(() => parseWith({ [`ce-${name}`]: '' })).toThrow(name)
    for (const value of ['', null, undefined, 7, {}, []]) expect(() => structured({ [name]: value })).toThrow(name)
  })
  test.each(['0.3', '1', '1.1', '2.0'])('version %s is refused', (version) => {
    expect(() => parseWith({ 'ce-specversion': version })).toThrow('"specversion" must be "1.0"')
  })
  test('have names of a-z and 0-9, and none is "data"', () => {
    for (const name of ['trace_parent', 'Queue', 'a-b', '', 'ü'])
      expect(() => structured({ [name]: 'x' })).toThrow(CloudEventFormatError)
    expect(() => parseWith({ 'ce-data': 'x' })).toThrow(CloudEventFormatError)
    expect(() => parseWith({ 'ce-trace-parent': 'x' })).toThrow(CloudEventFormatError)
  })
  test('"datacontenttype" is the media type, and never a header of its own', () => {
    expect(() => parseWith({ 'ce-datacontenttype': 'application/json' })).toThrow('must not be a header')
  })
  test('may be numbers and booleans in the structured mode, and nothing deeper', () => {
    expect(structured({ count: 7, flag: true, none: null }).extensions).toEqual({
      ...event.extensions,
      count: '7',
      flag: 'true',
    })
    expect(() => structured({ deep: {} })).toThrow('"deep" must be a string, a boolean or a 32-bit integer')
  })
  test('of the structured mode win over headers', () => {
    const headers = { 'content-type': 'application/cloudevents+json', 'ce-id': 'other', 'ce-queue': 'other' }
    expect(parse(headers, toStructuredMessage(event).body)).toEqual(event)
  })
  test.each(['2026-09-01', 'yesterday', '1', '2026-13-01T00:00:00Z', '2026-09-01T00:00:00', '2026-09-01 00:00:00Z'])(
    'time "%s" is not RFC 3339',
    (time) => expect(() => structured({ time })).toThrow('"time" must be an RFC 3339 timestamp'),
  )
  test.each(['2026-09-01T00:00:00Z', '2026-09-01t09:00:00.123456789+09:00'])('time "%s" is', (time) => {
    expect(structured({ time }).time).toBe(time)
  })
  test.each(['\u0000', 'a\u001fb', '\u007f', '\u0085', '\ud800'])('hold no %j', (value) => {
    expect(() => structured({ id: value })).toThrow('"id" holds a character')
    expect(() => structured({ extra: value })).toThrow('"extra" holds a character')
  })
})

describe('a header value', () => {
  test.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['%c3%bc', 'ü'],
    ['%41%42', 'AB'],
    ['%2541', '%41'],
    ['"quoted \\"text\\" \\\\"', 'quoted "text" \\'],
    ['"%20"', ' '],
    ['100%', '100%'],
    ['%zz', '%zz'],
    ['plain text', 'plain text'],
  ])('%s is read as %j', (value, expected) => {
    expect(parseWith({ 'ce-subject': value }).subject).toBe(expected)
  })
  test.each(['%C0%A0', '%ED%A0%80', '%FF', '%E2%82'])('%s is not UTF-8 and is refused', (value) => {
    expect(() => parseWith({ 'ce-subject': value })).toThrow('is not UTF-8')
  })
})

describe('data', () => {
  test('is one of "data" and "data_base64"', () => {
    const data_base64 = Buffer.from('{"a":1}').toString('base64')
    expect(structured({ data: undefined, data_base64 }).data).toEqual({ a: 1 })
    expect(() => structured({ data_base64 })).toThrow('not both')
    expect(() => structured({ data: undefined, data_base64: 7 })).toThrow('must be a string')
    expect(() => structured({ data: undefined, data_base64: 'e30' + 'x' })).toThrow('not JSON')
  })
  test('is JSON in UTF-8', () => {
    for (const body of ['{', 'undefined', '{"a":1}}'])
      expect(() => parseWith({}, body)).toThrow('The body is not JSON in UTF-8')
    expect(() => parseWith({}, new Uint8Array([0x22, 0xc0, 0xa0, 0x22]))).toThrow('The body is not JSON in UTF-8')
  })
})

test('any message is an event, or a CloudEventFormatError that holds none of it', () => {
  const value = fc.string({ unit: fc.constantFrom(...'abc %"\\{}[]:,0é'), maxLength: 20 }).map((text) => text.trim())
  const contentType = fc.constantFrom(
    'application/json',
    'application/cloudevents+json',
    'application/cloudevents-batch',
    '',
  )
  fc.assert(
    fc.property(
      contentType,
      fc.dictionary(extensionName, value),
      fc.oneof(fc.json(), fc.string()),
      (type, attributes, body) => {
        const headers = Object.entries(attributes).map(([name, text]) => [`ce-${name}`, text] as [string, string])
        try {
          parseCloudEvent(new Headers([...headers, ['content-type', type]]), bytes(body))
        } catch (error) {
          expect(error).toBeInstanceOf(CloudEventFormatError)
        }
      },
    ),
    { numRuns: 500 },
  )
})
