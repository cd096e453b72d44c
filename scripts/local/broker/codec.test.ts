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

  test('header values are printable ASCII without space, quote or percent, and decode to what they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const encoded = encodeHeaderValue(value)
        expect(encoded.replaceAll(/%[0-9A-F]{2}/g, '')).toMatch(/^[!#$&-~]*$/)
        expect(decodeHeaderValue('h', encoded)).toBe(value)
      }),
    )
  })

  test.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['%e2%82%ac%41', '€A'],
    ['"quoted \\"inner\\" text"', 'quoted "inner" text'],
    ['100%', '100%'],
    ['%2541', '%41'],
  ])('header value %s is read as %s: quotes first, then one round of percent-decoding', (value, expected) => {
    expect(decodeHeaderValue('h', value)).toBe(expected)
  })

  test.each(['%C0%A0', '%FF'])('header value %s is refused: it is not UTF-8', (value) => {
    expect(() => decodeHeaderValue('ce-subject', value)).toThrow('Header "ce-subject" is not UTF-8')
  })

  test.each([
    ['2020-03-21T12:34:56.78Z', '2020-03-21T12:34:56.78Z'],
    ['2026-01-01T00:00:00.000+09:00', '2025-12-31T15:00:00Z'],
    ['2026-01-01t00:00:00.100z', '2026-01-01T00:00:00.1Z'],
  ])('time %s is written as %s', (time, expected) => {
    expect(toUtc(time)).toBe(expected)
  })

  test.each(['2026-02-30T00:00:00Z', '2026-01-01', '2026-01-01T25:00:00Z', '2026-01-01T00:00:00', 'now'])(
    'time %s is refused',
    (time) => {
      expect(() => toUtc(time)).toThrow(`Attribute "time" is "${time}"; expected an RFC 3339 timestamp.`)
    },
  )

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
    ['an object', { data: { a: [1] } }, '{"a":[1]}', 'application/json'],
    ['a string that is text', { data: 'x', datacontenttype: 'text/plain' }, 'x', 'text/plain'],
    [
      'a string that is JSON',
      { data: 'x', datacontenttype: 'application/vnd.a+json' },
      '"x"',
      'application/vnd.a+json',
    ],
    ['base64', { data_base64: 'AGE=', datacontenttype: 'image/png' }, '\0a', 'image/png'],
    ['nothing', {}, '', undefined],
    ['null extension', { data: 1, subject: null, ext: null }, '1', 'application/json'],
  ])('structured data that is %s becomes the right bytes', (_, fields, body, contentType) => {
    const event = structured(fields)
    expect([event.data.toString(), event.datacontenttype, event.extensions]).toEqual([body, contentType, {}])
  })

  test('numbers in structured data keep every digit', () => {
    const event = structured(
      '{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"id":1376016924429759243,"x":1.0}}',
    )
    expect(event.data.toString()).toBe('{"id":1376016924429759243,"x":1.0}')
  })

  test.each<[object, string]>([
    [{ data: 1, data_base64: 'AA==' }, 'Both "data" and "data_base64"'],
    [{ data_base64: '!' }, 'Member "data_base64" is not base64'],
    [{ id: 7 }, 'Attribute "id" is a number'],
    [{ ext: { a: 1 } }, 'Attribute "ext" is not a string'],
    [{ ext: 1.5 }, 'Attribute "ext" is not a string'],
    [{ Ext: 'x' }, 'Attribute name "Ext" is not allowed'],
    [{ source: 'a b' }, 'Attribute "source" is "a b"; expected a URI reference'],
    [{ datacontenttype: 'json', data: 1 }, 'Attribute "datacontenttype" is "json"'],
    [{ id: 'x'.repeat(256) }, 'Attribute "id" is longer than 255 bytes'],
    [{ ext: 'x'.repeat(40_000) }, 'expected at most 32768'],
  ])('structured event with %o is refused', (fields, message) => {
    expect(() => structured(fields)).toThrow(message)
  })

  test('a header of an attribute that is sent twice is refused', () => {
    expect(() => decodeHttp([...base, 'CE-Id', '2'], Buffer.alloc(0))).toThrow('Header "ce-id" is sent twice.')
  })

  test('only a CloudEvent claims to be one', () => {
    expect(claimsCloudEvent(base)).toBe(true)
    expect(claimsCloudEvent(['content-type', 'application/cloudevents+json'])).toBe(true)
    expect(claimsCloudEvent(['content-type', 'application/json'])).toBe(false)
  })
})
