import { between, pick } from '../random.ts'

/** A message that no function can handle, and whether the broker must detect that. */
export type Poison = {
  id: string
  what: string
  headers: Record<string, string>
  body: Uint8Array<ArrayBuffer>
  /** By the rules of CloudEvents: the broker refuses it with 4xx and delivers it to no function. */
  malformed: boolean
}

export const poisonSource = '/faults/fuzzer'
// A broker adds a time to an event without one, which invalidates the signature.
const poisonTime = '2026-11-21T00:00:00Z'

type Attributes = { id: string; type: string; queue: string }
type Kind = { what: string; malformed: boolean; make: (random: () => number, event: Attributes) => Message }
type Message = { headers: Record<string, string>; body: Uint8Array<ArrayBuffer> }

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text))
const headersOf = ({ id, type, queue }: Attributes): Record<string, string> => ({
  'ce-specversion': '1.0',
  'ce-id': id,
  'ce-source': poisonSource,
  'ce-type': type,
  'ce-queue': queue,
  'ce-time': poisonTime,
  'content-type': 'application/json',
})
const binary = (event: Attributes, body: string | Uint8Array<ArrayBuffer>, headers: object = {}): Message => ({
  headers: { ...headersOf(event), ...headers },
  body: typeof body === 'string' ? bytesOf(body) : body,
})
const structured = (envelope: object): Message => ({
  headers: { 'content-type': 'application/cloudevents+json' },
  body: bytesOf(JSON.stringify(envelope)),
})
const without = (event: Attributes, name: string): Message => {
  const { [name]: _, ...headers } = headersOf(event)
  return { headers, body: bytesOf('{}') }
}
const randomBytes = (random: () => number, size: number) =>
  Uint8Array.from({ length: size }, () => between(random, 0, 255))
const randomText = (random: () => number, length: number) =>
  String.fromCodePoint(...Array.from({ length }, () => between(random, 0x20, 0xd7ff)))

const sizeBytesLarge = 1_000_000

/** Valid CloudEvents with content that no function understands. */
const wellFormed: readonly Kind[] = [
  { what: 'JSON cut off', malformed: false, make: (_, event) => binary(event, '{"job_id":"0198c5f2') },
  {
    what: 'bytes that are no UTF-8',
    malformed: false,
    make: (random, event) => binary(event, randomBytes(random, between(random, 1, 400))),
  },
  { what: 'nothing', malformed: false, make: (_, event) => binary(event, '') },
  { what: 'null', malformed: false, make: (_, event) => binary(event, 'null') },
  {
    what: 'an array',
    malformed: false,
    make: (random, event) => binary(event, JSON.stringify(Array.from({ length: between(random, 0, 50) }, random))),
  },
  {
    what: 'a field of another type',
    malformed: false,
    make: (random, event) => binary(event, JSON.stringify({ job_id: pick(random, [1, true, null, {}, [], '']) })),
  },
  {
    what: 'a field of random text',
    malformed: false,
    make: (random, event) => binary(event, JSON.stringify({ job_id: randomText(random, between(random, 1, 200)) })),
  },
  { what: 'a zero byte', malformed: false, make: (_, event) => binary(event, JSON.stringify({ job_id: 'a\u0000b' })) },
  { what: 'half a surrogate pair', malformed: false, make: (_, event) => binary(event, '{"job_id":"\\ud800"}') },
  {
    what: 'a prototype',
    malformed: false,
    make: (_, event) => binary(event, '{"__proto__":{"job_id":"x"},"constructor":{"prototype":{}}}'),
  },
  {
    what: 'JSON nested 5000 deep',
    malformed: false,
    make: (_, event) => binary(event, `${'['.repeat(5_000)}${']'.repeat(5_000)}`),
  },
  { what: 'a number beyond all numbers', malformed: false, make: (_, event) => binary(event, '{"job_id":1e999999}') },
  {
    what: 'an unknown type',
    malformed: false,
    make: (random, event) =>
      binary({ ...event, type: `app.growbin.${event.queue}.x${between(random, 0, 999_999)}.v1` }, '{}'),
  },
  {
    what: 'an unknown version',
    malformed: false,
    make: (random, event) =>
      binary(
        { ...event, type: event.type.replace(/v\d+$/, `v${between(random, 2, 99)}`) },
        '{"job_id":"0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d"}',
      ),
  },
  {
    what: 'another media type',
    malformed: false,
    make: (random, event) =>
      binary(event, randomText(random, 40), {
        'content-type': pick(random, ['text/plain', 'application/xml', 'image/jpeg']),
      }),
  },
  {
    what: 'structured, with wrong data',
    malformed: false,
    make: (random, { id, type, queue }) =>
      structured({
        specversion: '1.0',
        id,
        source: poisonSource,
        type,
        queue,
        time: poisonTime,
        data: pick<unknown>(random, [1, 'text', [], { job_id: 0 }]),
      }),
  },
  {
    // The broker forwards header values unchanged.
    what: 'percent-encoding that is no UTF-8',
    malformed: false,
    make: (_, event) => binary(event, '{}', { 'ce-subject': '%ff%fe' }),
  },
  { what: 'CloudEvents 0.3', malformed: false, make: (_, event) => binary(event, '{}', { 'ce-specversion': '0.3' }) },
]
const large: Kind = {
  what: 'a megabyte',
  malformed: false,
  make: (_, event) => binary(event, JSON.stringify({ job_id: 'x'.repeat(sizeBytesLarge) })),
}

/** No valid CloudEvents. */
const malformed: readonly Kind[] = [
  { what: 'no id', malformed: true, make: (_, event) => without(event, 'ce-id') },
  { what: 'no source', malformed: true, make: (_, event) => without(event, 'ce-source') },
  { what: 'no type', malformed: true, make: (_, event) => without(event, 'ce-type') },
  {
    what: 'another specversion',
    malformed: true,
    make: (random, event) => binary(event, '{}', { 'ce-specversion': pick(random, ['2.0', '1', 'x']) }),
  },
  { what: 'a time that is none', malformed: true, make: (_, event) => binary(event, '{}', { 'ce-time': 'yesterday' }) },
  {
    what: 'structured, cut off',
    malformed: true,
    make: () => ({
      headers: { 'content-type': 'application/cloudevents+json' },
      body: bytesOf('{"specversion":"1.0","id"'),
    }),
  },
  { what: 'structured, an array', malformed: true, make: () => structured([]) },
  {
    what: 'a batch',
    malformed: true,
    make: (_, event) => ({
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: bytesOf(JSON.stringify([headersOf(event)])),
    }),
  },
]
const shareLarge = 1 / 200

/** The `nth` poison message of a seed for the consumers of a queue. */
export function drawPoison(
  random: () => number,
  nth: number,
  { queue, type }: { queue: string; type: string },
): Poison {
  const id = `poison-${Math.floor(random() * 2 ** 40)}-${nth}`
  const kind = random() < shareLarge ? large : pick(random, random() < 0.25 ? malformed : wellFormed)
  return { id, what: kind.what, malformed: kind.malformed, ...kind.make(random, { id, type, queue }) }
}
