import type { CloudEventV1 } from 'cloudevents'
import {
  contentModeOf,
  decodeHeaderValue,
  isBase64,
  isMediaType,
  isScalar,
  isTimestamp,
  isUriReference,
} from './cloud-event-attribute.ts'

/**
 * A CloudEvent 1.0 whose `data` is JSON. Extension attributes are strings under lower-case names. This folder reads and writes events
 * instead of the SDK, because the SDK makes up a missing `id`.
 */
export type JsonCloudEvent = Pick<CloudEventV1<unknown>, 'id' | 'source' | 'type' | 'subject' | 'time' | 'data'> & {
  specversion: '1.0'
  datacontenttype: string
  extensions: Readonly<Record<string, string>>
}

/** The message is not a CloudEvent. The error message names the rule and the attribute, and holds none of the data. */
export class CloudEventFormatError extends Error {
  override name = 'CloudEventFormatError'
}

const contextAttributes = new Set([
  'id',
  'source',
  'type',
  'subject',
  'time',
  'specversion',
  'datacontenttype',
  'dataschema',
])
const attributeName = /^(?!data$)[a-z0-9]+$/
const jsonMediaType = /^application\/(?:[a-z0-9.+-]*\+)?json(?:\s*;|$)/i

/**
 * Parses an event in the binary or the structured mode of the HTTP binding. Attributes and JSON are checked; the contract of the event is
 * not. Throws `CloudEventFormatError`.
 */
export function parseCloudEvent(headers: Headers, body: Uint8Array): JsonCloudEvent {
  const contentType = headers.get('content-type')?.trim() ?? ''
  switch (contentModeOf(contentType)) {
    case 'batch':
      throw new CloudEventFormatError('Batched events are not accepted')
    case 'other_format':
      throw new CloudEventFormatError('The only structured format accepted is application/cloudevents+json')
    case 'structured':
      return parseStructured(body)
    case 'binary':
      return parseBinary(headers, contentType, body)
  }
}

function parseStructured(body: Uint8Array): JsonCloudEvent {
  const envelope = parseJson(body)
  if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope)) {
    throw new CloudEventFormatError('A structured event must be a JSON object')
  }
  const { data, data_base64: dataBase64, ...attributes } = envelope as Record<string, unknown>
  if (data !== undefined && dataBase64 !== undefined) {
    throw new CloudEventFormatError('An event holds "data" or "data_base64", not both')
  }
  if (dataBase64 !== undefined && !(typeof dataBase64 === 'string' && isBase64(dataBase64))) {
    throw new CloudEventFormatError('"data_base64" must be a string of base64')
  }
  const decoded = typeof dataBase64 === 'string' ? parseJson(Buffer.from(dataBase64, 'base64')) : data
  return fromAttributes(new Map(Object.entries(attributes)), decoded)
}

function parseBinary(headers: Headers, contentType: string, body: Uint8Array): JsonCloudEvent {
  const attributes = new Map<string, unknown>()
  for (const [name, value] of headers) {
    if (!name.startsWith('ce-')) continue
    const text = decodeHeaderValue(value)
    if (text === undefined) throw new CloudEventFormatError(`Header "${name}" is not UTF-8 after percent-decoding`)
    attributes.set(name.slice(3), text)
  }
  if (attributes.has('datacontenttype')) throw new CloudEventFormatError('"ce-datacontenttype" must not be a header')
  if (contentType !== '') attributes.set('datacontenttype', contentType)
  if (body.byteLength === 0) return fromAttributes(attributes, undefined)
  if (contentType !== '' && !jsonMediaType.test(contentType)) {
    throw new CloudEventFormatError('The only data accepted is JSON')
  }
  return fromAttributes(attributes, parseJson(body))
}

function fromAttributes(attributes: ReadonlyMap<string, unknown>, data: unknown): JsonCloudEvent {
  if (attributes.get('specversion') !== '1.0') throw new CloudEventFormatError('"specversion" must be "1.0"')
  const extensions: Record<string, string> = {}
  for (const [name, value] of attributes) {
    if (!attributeName.test(name))
      throw new CloudEventFormatError('An attribute name may hold only a-z and 0-9, and is not "data"')
    if (contextAttributes.has(name) || value === null) continue
    if (!isScalar(value))
      throw new CloudEventFormatError(`Attribute "${name}" must be a string, a boolean or a 32-bit integer`)
    extensions[name] = checkText(name, String(value))
  }
  const subject = optionalText(attributes, 'subject')
  const time = optionalText(attributes, 'time', isTimestamp, 'an RFC 3339 timestamp')
  optionalText(attributes, 'dataschema', isUriReference, 'a URI')
  return {
    specversion: '1.0',
    id: requiredText(attributes, 'id'),
    source: requiredText(attributes, 'source', isUriReference, 'a URI reference'),
    type: requiredText(attributes, 'type'),
    ...(subject !== undefined && { subject }),
    ...(time !== undefined && { time }),
    datacontenttype: optionalText(attributes, 'datacontenttype', isMediaType, 'a media type') ?? 'application/json',
    data,
    extensions,
  }
}

function requiredText(...attribute: Parameters<typeof optionalText>): string {
  const value = optionalText(...attribute)
  if (value === undefined) throw new CloudEventFormatError(`Attribute "${attribute[1]}" is missing`)
  return value
}

function optionalText(
  attributes: ReadonlyMap<string, unknown>,
  name: string,
  isValid: (text: string) => boolean = () => true,
  expected = '',
): string | undefined {
  const value = attributes.get(name)
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '') {
    throw new CloudEventFormatError(`Attribute "${name}" must be a non-empty string`)
  }
  if (!isValid(value)) throw new CloudEventFormatError(`"${name}" must be ${expected}`)
  return checkText(name, value)
}

/** CloudEvents 1.0.2, type system, String: no control characters, and no half of a surrogate pair. PostgreSQL stores neither. */
function checkText(name: string, value: string): string {
  if (/\p{Cc}/u.test(value) || !value.isWellFormed()) {
    throw new CloudEventFormatError(`Attribute "${name}" holds a character that no attribute may hold`)
  }
  return value
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown
  } catch {
    throw new CloudEventFormatError('The body is not JSON in UTF-8')
  }
}

const needsEncoding = /[^\x21\x23\x24\x26-\x7e]/gu

/** Writes an event in the binary mode: its headers, with percent-encoded values outside of printable ASCII, and its JSON body. */
export function toBinaryMessage(event: JsonCloudEvent): { headers: Record<string, string>; body: string } {
  const headers: Record<string, string> = { 'content-type': event.datacontenttype }
  const attributes = {
    specversion: event.specversion,
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject,
    time: event.time,
    ...event.extensions,
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) headers[`ce-${name}`] = String(value).replace(needsEncoding, encodeURIComponent)
  }
  return { headers, body: event.data === undefined ? '' : JSON.stringify(event.data) }
}
