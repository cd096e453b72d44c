import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { JsonCloudEvent } from './cloud-event.ts'
import type { EventKeys } from './event-keys.ts'

/** The same event with a signature of the current key, in place of any other. */
export type SignEvent = (event: JsonCloudEvent) => JsonCloudEvent

/**
 * `unsigned`: it carries no signature. `bad_signature`: the key is unknown, or something was changed. `key_not_permitted`: the
 * signature is right, and its key may not speak for this source and type.
 */
export type SignatureVerdict = 'valid' | 'unsigned' | 'bad_signature' | 'key_not_permitted'

/**
 * Says whether an event carries the signature of a producer that may send it. A signature does not expire: the broker delivers and
 * the redriver publishes an event again for hours, and the inbox makes a repeated event take no effect. So a time limit would
 * prevent nothing and refuse late events.
 */
export type VerifyEvent = (event: JsonCloudEvent) => SignatureVerdict

export type EventSignatures = { sign: SignEvent; verify: VerifyEvent }

const signatureAttribute = 'signature'
const keyAttribute = 'signaturekey'
/** Names the scheme, so that a second one can be introduced beside it. */
const version = 'v1.'
const signaturePattern = /^v1\.[A-Za-z0-9_-]{43}$/

/** Extension attributes that handlers act on. A broker may add or remove others, and no handler sees those. */
const signedExtensions = ['queue', 'redrives'] as const
/** Not signed, since every hop may replace it; no handler acts on it. */
const traceExtension = 'traceparent'

/**
 * Signs events with the current key, and verifies them with every key, by HMAC-SHA-256 over `signedText`. Throws when `current` is not
 * among the keys; `sign` throws for data that has no canonical JSON (half of a surrogate pair), and `verify` never throws.
 *
 * @example
 * const { sign, verify } = createEventSignatures(config.EVENT_KEYS)
 * verify(sign(event)) // 'valid'
 */
export function createEventSignatures({ current, keys, producers }: EventKeys): EventSignatures {
  const currentKey = keys[current]
  if (!currentKey) throw new Error(`The signing key "${current}" is not among the keys`)
  return {
    sign: (event) => ({
      ...event,
      extensions: {
        ...event.extensions,
        [keyAttribute]: current,
        [signatureAttribute]: version + hmac(currentKey, event).toString('base64url'),
      },
    }),
    verify: (event) => {
      const { [signatureAttribute]: signature, [keyAttribute]: keyId } = event.extensions
      if (signature === undefined && keyId === undefined) return 'unsigned'
      if (signature === undefined || keyId === undefined || !signaturePattern.test(signature)) return 'bad_signature'
      const producer = Object.hasOwn(producers, keyId) ? producers[keyId] : undefined
      const key = Object.hasOwn(keys, keyId) ? keys[keyId] : producer?.key
      if (!key || !isSignedBy(key, event, signature)) return 'bad_signature'
      if (producer && !(producer.sources.includes(event.source) && producer.types.includes(event.type))) {
        return 'key_not_permitted'
      }
      return 'valid'
    },
  }
}

/** A copy of the event with only the attributes that its signature covers, and its trace: what a handler may see. */
export function withSignedAttributes(event: JsonCloudEvent): JsonCloudEvent {
  const extensions = pickExtensions(event, [...signedExtensions, traceExtension])
  return { ...event, extensions }
}

function isSignedBy(key: KeyObject, event: JsonCloudEvent, signature: string): boolean {
  try {
    return timingSafeEqual(hmac(key, event), Buffer.from(signature.slice(version.length), 'base64url'))
  } catch {
    // JSON may hold half of a surrogate pair, which has no canonical form and so no signature.
    return false
  }
}

const hmac = (key: KeyObject, event: JsonCloudEvent) => createHmac('sha256', key).update(signedText(event)).digest()

/**
 * The text that is signed: the canonical JSON (RFC 8785) of the event in the JSON format, with only these attributes. It is made of
 * the parsed event, so white space, the order of members and the mode of the message do not matter. Throws for half of a surrogate
 * pair in `data`.
 */
export function signedText(event: JsonCloudEvent): string {
  return canonicalize({
    specversion: event.specversion,
    id: event.id,
    source: event.source,
    type: event.type,
    datacontenttype: event.datacontenttype,
    ...(event.subject !== undefined && { subject: event.subject }),
    ...(event.time !== undefined && { time: instantOf(event.time) }),
    ...pickExtensions(event, signedExtensions),
    ...(event.data !== undefined && { data: event.data }),
  }) as string
}

function pickExtensions({ extensions }: JsonCloudEvent, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = extensions[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

const timestamp = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/i

/** The instant in UTC to the nanosecond, without trailing zeros: as the broker, which is written in Go, rewrites it (RFC3339Nano). */
function instantOf(time: string): string {
  const [, day, clock, fraction = '', zone = 'Z'] = timestamp.exec(time) ?? []
  if (day === undefined) return time
  const seconds = new Date(`${day}T${clock}${zone.toUpperCase()}`).toISOString().slice(0, 19)
  const digits = fraction.replace(/0+$/, '')
  return digits === '' ? `${seconds}Z` : `${seconds}.${digits}Z`
}
