import { decodeUtf8, isBase64 } from '../../../../functions/_lib/events/cloud-event-attribute.ts'
import { type AttributeValue, InvalidEventError, type RawAttributes, renameSchema } from './cloud-event.ts'
import { sliceMember } from './slice-member.ts'

/** Splits an event in the JSON format into its attributes and the bytes of its data; throws `InvalidEventError`. */
export function readStructured(body: Buffer): { attributes: RawAttributes; data: Buffer } {
  // A byte order mark stays in the text: the Go SDK does not accept one.
  const text = decodeUtf8(body)
  if (text === undefined) throw new InvalidEventError('The body is not UTF-8.')
  const fields = parse(text)
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new InvalidEventError('The body is not a JSON object.')
  }
  const attributes: RawAttributes = new Map()
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'data' || name === 'data_base64' || value === null) continue
    attributes.set(attributeName(name), attributeValue(name, value))
  }
  const isBase64 = attributes.get('specversion') === '0.3' && attributes.get('datacontentencoding') === 'base64'
  if (isBase64) attributes.delete('datacontentencoding')
  renameSchema(attributes)
  return { attributes, data: dataBytes(fields as StructuredFields, text, attributes, isBase64) }
}

type StructuredFields = { data?: unknown; data_base64?: unknown }

function dataBytes(fields: StructuredFields, text: string, attributes: RawAttributes, isDataBase64: boolean): Buffer {
  if (fields.data_base64 !== undefined && fields.data_base64 !== null) return base64(fields.data_base64, 'data_base64')
  if (fields.data === undefined) return Buffer.alloc(0)
  if (isDataBase64) return base64(fields.data, 'data')
  const mediaType =
    String(attributes.get('datacontenttype') ?? '')
      .split(';')[0]
      ?.trim()
      .toLowerCase() ?? ''
  if (jsonTypes.has(mediaType)) return Buffer.from(sliceMember(text, 'data') ?? '')
  if (typeof fields.data === 'string') return Buffer.from(fields.data)
  throw new InvalidEventError(`Member "data" is no string, as the media type "${mediaType}" demands.`)
}

/** Data of these types is read as JSON; no type means JSON, and none is added. A type that ends in "+json" is not among them. */
const jsonTypes = new Set(['', 'application/json', 'text/json', 'application/cloudevents+json'])

/** Lower-cased, as by the Go SDK, except that a core attribute in another case is not accepted. */
function attributeName(name: string): string {
  const lower = name.toLowerCase()
  if (lower !== name && coreNames.has(lower)) throw new InvalidEventError(`Attribute name "${name}" is not allowed.`)
  return lower
}

const coreNames = new Set('id source type specversion subject time dataschema datacontenttype data'.split(' '))

function attributeValue(name: string, value: unknown): AttributeValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  // The Go SDK truncates fractions.
  const whole = typeof value === 'number' ? Math.trunc(value) : Number.NaN
  if (whole >= -(2 ** 31) && whole < 2 ** 31) return whole
  throw new InvalidEventError(`Attribute "${name}" is not a string, a boolean or a number of 32 bits.`)
}

function base64(value: unknown, name: string): Buffer {
  if (typeof value === 'string' && isBase64(value)) return Buffer.from(value, 'base64')
  throw new InvalidEventError(`Member "${name}" is not base64.`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidEventError('The body is not JSON.')
  }
}
