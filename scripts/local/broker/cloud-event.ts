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
  tracestate?: string
  data: Buffer
}

export class InvalidEventError extends Error {
  override name = 'InvalidEventError'
}

/** Attributes as they were read, by lower-case name, before anything is known of their form. */
export type RawAttributes = Map<string, AttributeValue>

// The message id is a short string in AMQP: 255 bytes. Attributes travel in one header table of at most 64 KiB.
const idSizeBytesMax = 255
const attributesSizeBytesMax = 32 * 1024
const contentTypePattern = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;.*)?$/
const uriReferencePattern = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/
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
    source: uriReference(required(attributes, 'source'), 'source'),
    type: required(attributes, 'type'),
    extensions: extensionsOf(attributes),
    data,
  }
  if (Buffer.byteLength(event.id) > idSizeBytesMax) {
    throw new InvalidEventError(`Attribute "id" is longer than ${idSizeBytesMax} bytes.`)
  }
  const subject = textOf(attributes, 'subject')
  if (subject) event.subject = subject
  const time = textOf(attributes, 'time')
  if (time) event.time = toUtc(time)
  const dataschema = textOf(attributes, 'dataschema')
  if (dataschema) event.dataschema = uriReference(dataschema, 'dataschema')
  const datacontenttype = textOf(attributes, 'datacontenttype')
  if (datacontenttype) event.datacontenttype = contentType(datacontenttype)
  // The distributed tracing extension and the trace context header are one thing to the broker; the extension wins.
  const traceparent = textOf(attributes, 'traceparent') ?? trace.traceparent
  const tracestate = textOf(attributes, 'tracestate') ?? trace.tracestate
  if (traceparent) event.traceparent = traceparent
  if (traceparent && tracestate) event.tracestate = tracestate
  return event
}

export type TraceContext = { traceparent?: string | undefined; tracestate?: string | undefined }

/** The instant in UTC with no needless zeros, as the broker writes it; throws `InvalidEventError`. */
export function toUtc(time: string): string {
  const found = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.exec(time)
  const whole = found && new Date(`${found[1]}T${found[2]}${found[4]?.toUpperCase()}`)
  const written = found && new Date(`${found[1]}T${found[2]}Z`)
  // Date rolls 30 February over to March; comparing what it read with what was written refuses that.
  if (!whole || !written || Number.isNaN(whole.getTime()) || !written.toISOString().startsWith(found[1] ?? ' ')) {
    throw new InvalidEventError(`Attribute "time" is "${time}"; expected an RFC 3339 timestamp.`)
  }
  const fraction = (found[3] ?? '').replace(/\.?0+$/, '')
  return `${whole.toISOString().slice(0, 19)}${fraction}Z`
}

function extensionsOf(attributes: RawAttributes): Record<string, AttributeValue> {
  const extensions: Record<string, AttributeValue> = {}
  let sizeBytes = 0
  for (const [name, value] of attributes) {
    sizeBytes += name.length + Buffer.byteLength(String(value))
    if (!/^[a-z0-9]+$/.test(name) || name === 'data' || name.length > 255) {
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

function uriReference(value: string, name: string): string {
  if (uriReferencePattern.test(value)) return value
  throw new InvalidEventError(`Attribute "${name}" is "${value}"; expected a URI reference.`)
}

function contentType(value: string): string {
  if (contentTypePattern.test(value) && value.length <= 255) return value
  throw new InvalidEventError(`Attribute "datacontenttype" is "${value}"; expected a media type.`)
}
