const uriReference = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/
const timestamp = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i
const mediaType = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;.*)?$/
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const integerMax = 2 ** 31 - 1
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** RFC 3986, 4.1, as far as its characters go. */
export const isUriReference = (text: string): boolean => uriReference.test(text)

/** RFC 3339, 5.6, of a day that the calendar has. */
export function isTimestamp(text: string): boolean {
  const found = timestamp.exec(text)
  if (!found || Number.isNaN(Date.parse(text))) return false
  return isOnCalendar(found[1] ?? '', found[2] ?? '')
}

/** Whether the calendar has this day (`2026-02-28`) and the day this time (`23:59:59`): `Date` takes 30 February for 1 March. */
export function isOnCalendar(day: string, time: string): boolean {
  const written = new Date(`${day}T${time}Z`)
  return !Number.isNaN(written.getTime()) && written.toISOString().startsWith(day)
}

/** RFC 9110, 8.3.1, as far as its characters go. */
export const isMediaType = (text: string): boolean => mediaType.test(text)

/** RFC 4648, 4, with its padding. */
export const isBase64 = (text: string): boolean => base64.test(text)

/** CloudEvents 1.0.2, type system: what an attribute may be in JSON. */
export function isScalar(value: unknown): value is string | boolean | number {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) <= integerMax
  return typeof value === 'string' || typeof value === 'boolean'
}

/** How a message of HTTP carries an event. `other_format` is a structured mode that is no JSON. */
export type ContentMode = 'binary' | 'structured' | 'other_format' | 'batch'

/** The content mode that a `content-type` says, in any case and with any parameters (http-protocol-binding 3). */
export function contentModeOf(contentType: string): ContentMode {
  const type = contentType.trim().toLowerCase()
  // Batch is asked for first, since its media type begins like the structured one.
  if (type.startsWith('application/cloudevents-batch')) return 'batch'
  if (/^application\/cloudevents\+json(?:\s*;|$)/.test(type)) return 'structured'
  return type.startsWith('application/cloudevents') ? 'other_format' : 'binary'
}

/** The text of bytes in UTF-8, a byte order mark included; undefined when they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * http-protocol-binding 3.1.3.2: unquoted, then percent-decoded once. Other SDKs send UTF-8 as it is, which arrives one byte to
 * a character. Undefined for what is not UTF-8.
 */
export function decodeHeaderValue(value: string): string | undefined {
  const unquoted = /^".*"$/.test(value) && value.length > 1 ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value
  if (!/[%\x80-\xff]/.test(unquoted)) return unquoted
  const decoded = unquoted.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return decodeUtf8(Buffer.from(decoded, 'latin1'))
}
