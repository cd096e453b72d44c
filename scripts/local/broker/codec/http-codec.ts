import { contentModeOf } from '../../../../functions/_lib/events/cloud-event-attribute.ts'
import {
  type CloudEvent,
  InvalidEventError,
  type RawAttributes,
  renameSchema,
  type TraceContext,
  toCloudEvent,
} from './cloud-event.ts'
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts'
import { readStructured } from './structured-json.ts'

/** Whether a message claims to carry a CloudEvent, valid or not; a plain answer of a subscriber does not. */
export function claimsCloudEvent(rawHeaders: readonly string[]): boolean {
  const headers = headersOf(rawHeaders)
  return hasAttributes(headers) || modeOf(headers) !== 'binary'
}

const hasAttributes = (headers: ReadonlyMap<string, string>) =>
  ['ce-specversion', 'ce-id', 'ce-type'].some((name) => headers.has(name))

export type DecodedMessage = {
  mode: 'binary' | 'structured'
  attributes: RawAttributes
  data: Buffer
  trace: TraceContext
}

/** Reads a binary or structured CloudEvent from raw headers (name, value, name, value, …); throws `InvalidEventError`. */
export function decodeHttp(rawHeaders: readonly string[], body: Buffer): CloudEvent {
  const { attributes, data, trace } = readMessage(rawHeaders, body)
  return toCloudEvent(attributes, data, trace)
}

/** The content of a message, before it is validated as an event; throws `InvalidEventError`. */
export function readMessage(rawHeaders: readonly string[], body: Buffer): DecodedMessage {
  const headers = headersOf(rawHeaders)
  const trace = { traceparent: headers.get('traceparent'), tracestate: headers.get('tracestate') }
  const mode = modeOf(headers)
  if (mode === 'batch') throw new InvalidEventError('A batch of events is not accepted; expected one event.')
  if (mode === 'structured') return { mode, ...readStructured(body), trace }
  // The original reads any other structured format as the binary mode.
  return { mode: 'binary', attributes: binaryAttributes(headers), data: body, trace }
}

/** Headers of the binary mode: attributes, content type and trace context, nothing else. */
export function encodeHttp(event: CloudEvent): Record<string, string> {
  const headers: Record<string, string> = {
    'ce-specversion': event.specversion,
    'ce-id': encodeHeaderValue(event.id),
    'ce-source': encodeHeaderValue(event.source),
    'ce-type': encodeHeaderValue(event.type),
  }
  if (event.subject !== undefined) headers['ce-subject'] = encodeHeaderValue(event.subject)
  if (event.time !== undefined) headers['ce-time'] = event.time
  if (event.dataschema !== undefined) headers['ce-dataschema'] = encodeHeaderValue(event.dataschema)
  for (const [name, value] of Object.entries(event.extensions)) headers[`ce-${name}`] = encodeHeaderValue(String(value))
  if (event.datacontenttype !== undefined) headers['content-type'] = event.datacontenttype
  // `tracestate` does not survive the dispatcher.
  if (event.traceparent !== undefined) headers.traceparent = event.traceparent
  return headers
}

function binaryAttributes(headers: ReadonlyMap<string, string>): RawAttributes {
  const attributes: RawAttributes = new Map()
  for (const [name, value] of headers) {
    if (!name.startsWith('ce-')) continue
    if (name === 'ce-datacontenttype') {
      throw new InvalidEventError('Header "ce-datacontenttype" is not allowed; expected "content-type".')
    }
    attributes.set(name.slice(3), decodeHeaderValue(name, value))
  }
  renameSchema(attributes)
  const contentType = headers.get('content-type')
  if (contentType) attributes.set('datacontenttype', contentType)
  return attributes
}

function headersOf(rawHeaders: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    // Of a header sent twice, Go reads the first.
    if (!headers.has(name)) headers.set(name, rawHeaders[index + 1] ?? '')
  }
  return headers
}

const modeOf = (headers: ReadonlyMap<string, string>) => contentModeOf(headers.get('content-type') ?? '')
