import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeAmqp, encodeAmqp } from './amqp-codec.ts'
import { type CloudEvent, toUtc } from './cloud-event.ts'
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts'
import { claimsCloudEvent, decodeHttp, encodeHttp } from './http-codec.ts'

const defaults = { now: () => new Date(0), newId: () => 'made-up' }
const base = ['ce-specversion', '1.0', 'ce-id', '1', 'ce-source', '/s', 'ce-type', 't']

const events: fc.Arbitrary<CloudEvent> = fc.record({
  specversion: fc.constantFrom('1.0' as const, '0.3' as const),
  id: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
  source: fc.constantFrom('/s', 'urn:uuid:1', 'https://example.com/a?b=c#d'),
  type: fc.string({ minLength: 1, unit: 'grapheme' }),
  subject: fc.string({ minLength: 1, unit: 'grapheme' }),
  time: fc.constant('2026-01-02T03:04:05.678901234Z'),
  dataschema: fc.constant('http://example.com/schema'),
  datacontenttype: fc.constantFrom('application/json', 'text/plain; charset=utf-8'),
  extensions: fc.dictionary(fc.stringMatching(/^ext[a-z0-9]{1,8}$/), fc.string({ unit: 'grapheme' })),
  data: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
})

describe('codecs', () => {
  test('every event comes back unchanged through HTTP and through AMQP', () => {
    fc.assert(
      fc.property(events, (event) => {
        expect(decodeHttp(Object.entries(encodeHttp(event)).flat(), event.data)).toEqual(event)
        expect(decodeAmqp(encodeAmqp(event), defaults)).toEqual(event)
      }),
    )
  })

  test.each([
    ['%ed%95%9c', '%ed%95%9c'],
    ['"quoted \\"inner\\" text"', '"quoted \\"inner\\" text"'],
    [Buffer.from('한글').toString('latin1'), '한글'],
  ])('header value %s is taken as %s: neither unquoted nor percent-decoded', (value, expected) => {
    expect(decodeHeaderValue('h', value)).toBe(expected)
    expect(encodeHeaderValue(expected)).toBe(value)
  })

  test('bytes of a header that are not UTF-8 are refused', () => {
    expect(() => decodeHeaderValue('ce-subject', '\xff')).toThrow('Header "ce-subject" is not UTF-8')
  })

  test.each([
    ['2020-03-21T12:34:56.78Z', '2020-03-21T12:34:56.78Z'],
    ['2026-01-01T00:00:00.000+09:00', '2025-12-31T15:00:00Z'],
    ['2026-01-01T00:00:00,1234567891Z', '2026-01-01T00:00:00.123456789Z'],
  ])('time %s is written as %s', (time, expected) => {
    expect(toUtc(time)).toBe(expected)
  })

  test.each([
    '2026-02-30T00:00:00Z',
    '2026-01-01',
    '2026-01-01T25:00:00Z',
    '2026-01-01T00:00:00',
    'now',
    '',
    '2026-01-01t00:00:00Z',
    '2026-01-01T00:00:00z',
  ])('time %s is refused', (time) => {
    expect(() => toUtc(time)).toThrow(`Attribute "time" is "${time}"; expected an RFC 3339 timestamp.`)
  })

  const structured = (fields: object | string) =>
    decodeHttp(
      ['Content-Type', 'Application/CloudEvents+JSON; charset=utf-8'],
      Buffer.from(
        typeof fields === 'string'
          ? fields
          : JSON.stringify({ specversion: '1.0', id: '1', source: '/s', type: 't', ...fields }),
      ),
    )

  test.each<[string, object, string, string | undefined]>([
    ['an object without a type', { data: { a: [1] } }, '{"a":[1]}', undefined],
    ['a string that is text', { data: 'x', datacontenttype: 'text/plain' }, 'x', 'text/plain'],
    ['a string that is JSON', { data: 'x', datacontenttype: 'text/json' }, '"x"', 'text/json'],
    ['a string of a type "+json"', { data: 'x', datacontenttype: 'application/a+json' }, 'x', 'application/a+json'],
    ['both', { data: 1, data_base64: 'AA==' }, '\0', undefined],
    ['base64', { data_base64: 'AGE=', datacontenttype: 'image/png' }, '\0a', 'image/png'],
    ['nothing', {}, '', undefined],
    ['null extension', { data: 1, subject: null, ext: null }, '1', undefined],
  ])('structured data that is %s becomes the right bytes', (_, fields, body, contentType) => {
    const event = structured(fields)
    expect([event.data.toString(), event.datacontenttype, event.extensions]).toEqual([body, contentType, {}])
  })

  test('structured data keeps every digit and every space', () => {
    const event = structured(
      '{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{ "id":1376016924429759243,"x":1.0}}',
    )
    expect(event.data.toString()).toBe('{ "id":1376016924429759243,"x":1.0}')
  })

  test('names of extensions are read in lower case, numbers without what follows the point, and a source is escaped', () => {
    const { extensions, source } = structured({ MyExt: 'v', float: -1.5, least: -(2 ** 31), source: '/한 a' })
    expect({ extensions, source }).toEqual({
      extensions: { myext: 'v', float: -1, least: -(2 ** 31) },
      source: '/%ED%95%9C%20a',
    })
  })

  test.each<[object, string]>([
    [{ data: { a: 1 }, datacontenttype: 'text/plain' }, 'Member "data" is no string'],
    [{ data_base64: 7 }, 'Member "data_base64" is not base64'],
    [{ '': 'x' }, 'Attribute name "" is not allowed'],
    [{ Id: 'x' }, 'Attribute name "Id" is not allowed'],
    [{ data_base64: '!' }, 'Member "data_base64" is not base64'],
    [{ id: 7 }, 'Attribute "id" is a number'],
    [{ ext: { a: 1 } }, 'Attribute "ext" is not a string'],
    [{ ext: 2 ** 31 }, 'Attribute "ext" is not a string'],
    [{ source: 'a%zz' }, 'Attribute "source" is "a%zz"; expected a URI reference'],
    [{ source: 'a\nb' }, 'expected a URI reference'],
    [{ datacontenttype: 'a/b;;;' }, 'Attribute "datacontenttype" is "a/b;;;"'],
    [{ ext: 'x'.repeat(40_000) }, 'expected at most 32768'],
  ])('structured event with %o is refused', (fields, message) => {
    expect(() => structured(fields)).toThrow(message)
  })

  test('of a header that is sent twice the first counts', () => {
    expect(decodeHttp([...base, 'CE-Id', '2'], Buffer.alloc(0)).id).toBe('1')
  })

  test('an id of any length is whole in its header, and cut where AMQP has no room', () => {
    const { headers, messageId } = encodeAmqp(structured({ id: '한'.repeat(100) }))
    expect(headers.id).toBe('한'.repeat(100))
    expect(messageId).toBe('한'.repeat(84))
  })

  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const other = '00-11111111111111111111111111111111-2222222222222222-01'
  test.each<[string, string[], string | undefined]>([
    ['its header', ['traceparent', traceparent], traceparent],
    ['both', ['traceparent', other, 'ce-traceparent', traceparent], traceparent],
    ['the extension alone, which the dispatcher does not read', ['ce-traceparent', traceparent], undefined],
    ['an unknown form', ['traceparent', traceparent.toUpperCase()], undefined],
  ])('a trace that arrives as %s is forwarded accordingly', (_, trace, expected) => {
    const event = decodeHttp([...base, ...trace, 'tracestate', 'a=b'], Buffer.alloc(0))
    const sent = encodeHttp(decodeAmqp(encodeAmqp(event), defaults))
    expect(sent.traceparent).toBe(expected)
    expect(sent).not.toHaveProperty('tracestate')
    expect(sent).not.toHaveProperty('ce-traceparent')
  })

  test('only a CloudEvent claims to be one', () => {
    expect(claimsCloudEvent(base)).toBe(true)
    expect(claimsCloudEvent(['content-type', 'application/cloudevents+json'])).toBe(true)
    expect(claimsCloudEvent(['content-type', 'application/json'])).toBe(false)
  })
})
