import fc from 'fast-check'

type Message = { headers: Record<string, string>; body: string | Uint8Array }

// Without blanks at the ends, which HTTP strips, and inside of Latin-1, which is all that a header can hold.
const headerValue = fc
  .string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 40 })
  .map((text) => text.replace(/[\x7f-\x9f]/g, '').trim())

const contentType = fc.constantFrom(
  'application/json',
  'application/cloudevents+json',
  'application/cloudevents+xml',
  'application/cloudevents-batch+json',
  'Application/CloudEvents+JSON; charset=utf-8',
  'text/plain',
  'application/octet-stream',
  'nonsense',
)

const attributeHeader = fc.constantFrom('ce-id', 'ce-source', 'ce-type', 'ce-specversion', 'ce-time', 'ce-subject')
const anyBody = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.json({ maxDepth: 4 }),
  fc.uint8Array({ maxLength: 200 }),
)

/** Generates messages that are no valid event: from nothing, or from `valid` with a required part broken. */
export function malformedMessage(valid: { headers: Record<string, string>; body: string }): fc.Arbitrary<Message> {
  const fromNothing = fc.record({
    headers: fc
      .tuple(contentType, fc.dictionary(attributeHeader, headerValue))
      // Version 0.3 and lower were never accepted, so the headers of no generated message are an event.
      .map(([type, attributes]) => ({ ...attributes, 'content-type': type, 'ce-specversion': '0.3' })),
    body: anyBody,
  })
  const brokenAttribute = fc
    .record({
      name: fc.constantFrom('ce-id', 'ce-source', 'ce-type', 'ce-specversion'),
      value: fc.constantFrom('', undefined, '%C0%A0', '%00', '%1F', '%ED%A0%80', '"%FF"'),
    })
    .map(({ name, value }) => ({ headers: replace(valid.headers, name, value), body: valid.body }))
  const unknownType = headerValue.map((type) => ({
    headers: replace(valid.headers, 'ce-type', `app.growbin.unknown.${type}`),
    body: valid.body,
  }))
  const cutBody = fc.integer({ min: 1, max: Math.max(1, valid.body.length - 1) }).map((length) => ({
    headers: valid.headers,
    body: valid.body.slice(0, length),
  }))
  const badTime = headerValue
    .filter((text) => text !== '' && Number.isNaN(Date.parse(text)))
    .map((text) => ({ headers: replace(valid.headers, 'ce-time', `x${text}`), body: valid.body }))
  const structured = fc
    .tuple(fc.constantFrom('id', 'source', 'type', 'specversion'), fc.jsonValue({ maxDepth: 2 }))
    .map(([name, value]) => ({
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({ specversion: '1.0', id: '1', source: '/s', type: 't', data: {}, [name]: value }),
    }))
  return fc.oneof(fromNothing, brokenAttribute, unknownType, cutBody, badTime, structured)
}

function replace(headers: Record<string, string>, name: string, value: string | undefined): Record<string, string> {
  const { [name]: _, ...others } = headers
  return value === undefined ? others : { ...others, [name]: value }
}
