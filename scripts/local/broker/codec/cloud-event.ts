import { isOnCalendar, isUriReference } from '../../../../functions/_lib/events/cloud-event-attribute.ts'
import { validTraceparent } from './trace-context.ts'

/** Values that an attribute can have once it has left its HTTP header or its JSON. */
export type AttributeValue = string | number | boolean

/** A CloudEvent in memory. Fields that are undefined were not sent. */
export type CloudEvent = {
  specversion: '1.0' | '0.3'
  id: string
  source: string
  type: string
  subject?: string
  /** RFC 3339, in UTC. */
  time?: string
  dataschema?: string
  datacontenttype?: string
  /** Everything else, by lower-case name. The trace context is not here. */
  extensions: Record<string, AttributeValue>
  traceparent?: string
  /** Empty when the trace header came without one. The dispatcher drops a trace without it. */
  tracestate?: string
  data: Buffer
}

export class InvalidEventError extends Error {
  override name = 'InvalidEventError'
}

/** Raw attributes, by lower-case name, not yet validated. */
export type RawAttributes = Map<string, AttributeValue>

// Attributes travel in one header table, in one frame of AMQP, and in the headers of one request.
const attributesSizeBytesMax = 32 * 1024
// As Go's mime.ParseMediaType accepts it, which needs no slash.
const contentTypePattern =
  /^[\w!#$%&'*+.^`|~-]+(\/[\w!#$%&'*+.^`|~-]+)?\s*(;\s*[\w!#$%&'*+.^`|~-]+=([\w!#$%&'*+.^`|~-]+|"[^"]*")\s*)*;?\s*$/
const nanosecondDigits = 9
const notExtensions = new Set(
  'id source type specversion subject time dataschema datacontenttype traceparent tracestate'.split(' '),
)

/** Checks raw attributes by the CloudEvents 1.0 (and 0.3) rules; throws `InvalidEventError`. */
export function toCloudEvent(attributes: RawAttributes, data: Buffer, trace: TraceContext): CloudEvent {
  const specversion = textOf(attributes, 'specversion')
  if (specversion !== '1.0' && specversion !== '0.3') {
    throw new InvalidEventError(`Attribute "specversion" is "${specversion ?? ''}"; expected "1.0" or "0.3".`)
  }
  const event: CloudEvent = {
    specversion,
    id: required(attributes, 'id'),
    source: uriReference(escapeUri(required(attributes, 'source')), 'source'),
    type: required(attributes, 'type'),
    extensions: extensionsOf(attributes),
    data,
  }
  const subject = textOf(attributes, 'subject')
  if (subject) event.subject = subject
  const time = textOf(attributes, 'time')
  if (time !== undefined) event.time = toUtc(time)
  const dataschema = textOf(attributes, 'dataschema')
  if (dataschema) event.dataschema = uriReference(dataschema, 'dataschema')
  const datacontenttype = textOf(attributes, 'datacontenttype')
  if (datacontenttype) event.datacontenttype = contentType(datacontenttype)
  // The distributed tracing extension and the trace context header share one place in the message; the extension is written last.
  const header = validTraceparent(trace.traceparent)
  const traceparent = textOf(attributes, 'traceparent') ?? header
  const tracestate = textOf(attributes, 'tracestate') ?? (header && (trace.tracestate ?? ''))
  if (traceparent !== undefined) event.traceparent = traceparent
  if (tracestate !== undefined) event.tracestate = tracestate
  return event
}

export type TraceContext = { traceparent?: string | undefined; tracestate?: string | undefined }

/** The instant in UTC with no needless zeros, as the broker writes it; throws `InvalidEventError`. */
export function toUtc(time: string): string {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time)
  const whole = found && new Date(`${found[1]}T${found[2]}${found[4]}`)
  if (!whole || Number.isNaN(whole.getTime()) || !isOnCalendar(found[1] ?? '', found[2] ?? '')) {
    throw new InvalidEventError(`Attribute "time" is "${time}"; expected an RFC 3339 timestamp.`)
  }
  const digits = (found[3] ?? '').slice(0, nanosecondDigits).replace(/0+$/, '')
  return `${whole.toISOString().slice(0, 19)}${digits && '.'}${digits}Z`
}

/** Version 0.3 calls `schemaurl` what 1.0 calls `dataschema`; the dispatcher sends the latter. */
export function renameSchema(attributes: RawAttributes): void {
  const schema = attributes.get('schemaurl')
  if (schema === undefined || attributes.get('specversion') !== '0.3') return
  attributes.delete('schemaurl')
  attributes.set('dataschema', schema)
}

function extensionsOf(attributes: RawAttributes): Record<string, AttributeValue> {
  const extensions: Record<string, AttributeValue> = {}
  let sizeBytes = 0
  for (const [name, value] of attributes) {
    sizeBytes += name.length + Buffer.byteLength(String(value))
    if (!/^[a-z0-9]+$/.test(name) || name.length > 255) {
      throw new InvalidEventError(`Attribute name "${name}" is not allowed; expected lower-case letters and digits.`)
    }
    if (notExtensions.has(name)) continue
    extensions[name] = value
  }
  if (sizeBytes > attributesSizeBytesMax) {
    throw new InvalidEventError(`Attributes have ${sizeBytes} bytes; expected at most ${attributesSizeBytesMax}.`)
  }
  return extensions
}

function textOf(attributes: RawAttributes, name: string): string | undefined {
  const value = attributes.get(name)
  if (value === undefined || typeof value === 'string') return value
  throw new InvalidEventError(`Attribute "${name}" is a ${typeof value}; expected a string.`)
}

function required(attributes: RawAttributes, name: string): string {
  const value = textOf(attributes, name)
  if (!value) throw new InvalidEventError(`Attribute "${name}" is missing or empty.`)
  return value
}

/** As Go writes a parsed URL: characters that a URI cannot hold are escaped. It refuses control characters. */
function escapeUri(value: string): string {
  return value.replace(/[^\p{Cc}\x21-\x7e]|["<>\\^`{|}]/gu, (character) => encodeURIComponent(character.toWellFormed()))
}

function uriReference(value: string, name: string): string {
  if (isUriReference(value)) return value
  throw new InvalidEventError(`Attribute "${name}" is "${value}"; expected a URI reference.`)
}

function contentType(value: string): string {
  if (contentTypePattern.test(value) && value.length <= 255) return value
  throw new InvalidEventError(`Attribute "datacontenttype" is "${value}"; expected a media type.`)
}
