import { type AttributeValue, type CloudEvent, InvalidEventError, type RawAttributes, toUtc } from './cloud-event.ts'
import { readStructured } from './structured-json.ts'
import { validTraceparent } from './trace-context.ts'

/** A message as stored in a queue, in either flavour. */
export type BrokerMessage = {
  headers: Record<string, unknown>
  contentType: string
  messageId: string
  body: Buffer
}

// Go's zero time: the ingress writes it for an event without `time`, and the dispatcher replaces it by the present.
const noTime = '0001-01-01T00:00:00Z'
// The dispatcher generates a source for a message without one, with no namespace and no queue.
const defaultSource = '/apis/v1/namespaces//rabbitmqsources/rabbitmq-dispatcher#'
const coreAttributes = new Set(['specversion', 'id', 'source', 'type', 'subject', 'time', 'dataschema', 'content-type'])

/** The message that the ingress publishes: bare header names, the data as the body. */
export function encodeAmqp(event: CloudEvent): BrokerMessage {
  const headers: Record<string, AttributeValue> = {
    'content-type': event.datacontenttype ?? '',
    specversion: event.specversion,
    time: event.time ?? noTime,
    id: event.id,
    type: event.type,
    source: event.source,
  }
  if (event.subject !== undefined) headers.subject = event.subject
  if (event.dataschema !== undefined) headers.dataschema = event.dataschema
  if (event.traceparent !== undefined) headers.traceparent = event.traceparent
  if (event.tracestate !== undefined) headers.tracestate = event.tracestate
  Object.assign(headers, event.extensions)
  return { headers, contentType: event.datacontenttype ?? '', messageId: shortString(event.id), body: event.data }
}

/** A short string of AMQP has 255 bytes; the whole id is in its header. */
function shortString(text: string): string {
  return Buffer.byteLength(text) <= 255 ? text : Buffer.from(text).subarray(0, 252).toString()
}

export type DecodeDefaults = { now: () => Date; newId: () => string }

/**
 * Reads a message as the dispatcher does: header names with or without `ce-`, or a structured body.
 * Throws `InvalidEventError` for a message that the dispatcher would acknowledge and lose.
 */
export function decodeAmqp(message: BrokerMessage, defaults: DecodeDefaults): CloudEvent {
  const trace = traceOf(message.headers)
  if (isStructured(message.contentType)) {
    const { attributes, data } = readStructured(message.body)
    const { datacontenttype = '', traceparent, tracestate, ...rest } = Object.fromEntries(attributes)
    const texts = new Map(Object.entries({ ...rest, 'content-type': datacontenttype }))
    return toEvent(texts, data, validTraceparent(traceparent) ?? trace, defaults)
  }
  const texts: RawAttributes = new Map()
  for (const [name, value] of Object.entries(message.headers)) {
    const key = name.toLowerCase()
    if (key === 'traceparent' || key === 'tracestate') continue
    texts.set(key.startsWith('ce-') ? key.slice(3) : key, headerText(value))
  }
  return toEvent(texts, message.body, trace, defaults)
}

function toEvent(
  texts: RawAttributes,
  data: Buffer,
  traceparent: string | undefined,
  defaults: DecodeDefaults,
): CloudEvent {
  const text = (name: string) => String(texts.get(name) ?? '')
  const specversion = text('specversion')
  if (specversion !== '1.0' && specversion !== '0.3') {
    throw new InvalidEventError(`Header "specversion" is "${specversion}"; expected "1.0" or "0.3".`)
  }
  const time = text('time')
  const event: CloudEvent = {
    specversion,
    id: text('id') || defaults.newId(),
    source: text('source') || defaultSource,
    type: text('type'),
    time: time === '' || time === noTime ? defaults.now().toISOString() : toUtc(time),
    extensions: extensionsOf(texts),
    data,
  }
  if (text('subject')) event.subject = text('subject')
  if (text('dataschema')) event.dataschema = text('dataschema')
  if (text('content-type')) event.datacontenttype = text('content-type')
  if (traceparent !== undefined) {
    event.traceparent = traceparent
    event.tracestate = ''
  }
  return event
}

function extensionsOf(texts: RawAttributes): Record<string, AttributeValue> {
  const extensions: Record<string, AttributeValue> = {}
  for (const [name, value] of texts) {
    if (coreAttributes.has(name) || name.startsWith('x-')) continue
    if (!/^[a-z0-9]+$/.test(name)) throw new InvalidEventError(`Header "${name}" is not a legal attribute name.`)
    extensions[name] = value
  }
  return extensions
}

function isStructured(contentType: string): boolean {
  return contentType.split(';')[0]?.trim().toLowerCase() === 'application/cloudevents+json'
}

// The dispatcher reads every header as text, so an integer comes out of the dead letter queue as a string.
function headerText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** The dispatcher reads both trace headers or none, so a trace that is only an extension ends here. */
function traceOf({ traceparent, tracestate }: BrokerMessage['headers']): string | undefined {
  return typeof tracestate === 'string' ? validTraceparent(traceparent) : undefined
}
