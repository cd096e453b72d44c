import { type AttributeValue, InvalidEventError, type RawAttributes } from './cloud-event.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Splits an event in the JSON format into its attributes and the bytes of its data; throws `InvalidEventError`. */
export function readStructured(body: Buffer): { attributes: RawAttributes; data: Buffer } {
  const text = utf8Text(body)
  const fields = parse(text)
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new InvalidEventError('The body is not a JSON object.')
  }
  const attributes: RawAttributes = new Map()
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'data' || name === 'data_base64' || value === null) continue
    attributes.set(name, attributeValue(name, value))
  }
  const isBase64 = attributes.get('specversion') === '0.3' && attributes.get('datacontentencoding') === 'base64'
  if (isBase64) attributes.delete('datacontentencoding')
  return { attributes, data: dataBytes(fields as StructuredFields, text, attributes, isBase64) }
}

type StructuredFields = { data?: unknown; data_base64?: unknown }

function dataBytes(fields: StructuredFields, text: string, attributes: RawAttributes, isDataBase64: boolean): Buffer {
  if (fields.data !== undefined && fields.data_base64 !== undefined) {
    throw new InvalidEventError('Both "data" and "data_base64" are present; expected one.')
  }
  if (fields.data_base64 !== undefined && fields.data_base64 !== null) return base64(fields.data_base64, 'data_base64')
  if (fields.data === undefined) return Buffer.alloc(0)
  if (isDataBase64) return base64(fields.data, 'data')
  const contentType = attributes.get('datacontenttype')
  const isJson = contentType === undefined || /^[^;]*[/+]json\s*(;|$)/i.test(String(contentType))
  if (contentType === undefined) attributes.set('datacontenttype', 'application/json')
  if (!isJson && typeof fields.data === 'string') return Buffer.from(fields.data)
  return Buffer.from(JSON.stringify(exactNumbers(text).data))
}

function attributeValue(name: string, value: unknown): AttributeValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 31 - 1) return value
  throw new InvalidEventError(`Attribute "${name}" is not a string, a boolean or a 32-bit integer.`)
}

function base64(value: unknown, name: string): Buffer {
  if (typeof value === 'string' && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) {
    return Buffer.from(value, 'base64')
  }
  throw new InvalidEventError(`Member "${name}" is not base64.`)
}

/** Parses again with every number kept as it was written: an id above 2^53 must not change on its way through. */
function exactNumbers(text: string): StructuredFields {
  // TypeScript has no types yet for the third argument of a reviver and for JSON.rawJSON.
  const { parse, rawJSON } = JSON as unknown as {
    parse: (text: string, reviver: (key: string, value: unknown, context: { source: string }) => unknown) => unknown
    rawJSON: (source: string) => unknown
  }
  return parse(text, (_, value, context) =>
    typeof value === 'number' ? rawJSON(context.source) : value,
  ) as StructuredFields
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidEventError('The body is not JSON.')
  }
}

function utf8Text(body: Buffer): string {
  try {
    return utf8.decode(body)
  } catch {
    throw new InvalidEventError('The body is not UTF-8.')
  }
}
