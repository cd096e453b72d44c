const uriReference = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/
const timestamp = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i
const mediaType = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;.*)?$/
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const integerMax = 2 ** 31 - 1
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Whether a text has only characters of a URI reference (RFC 3986, 4.1). */
export const isUriReference = (text: string): boolean => uriReference.test(text)

/** Whether a text is an RFC 3339 timestamp (5.6) of a day that exists. */
export function isTimestamp(text: string): boolean {
  const found = timestamp.exec(text)
  if (!found || Number.isNaN(Date.parse(text))) return false
  return isOnCalendar(found[1] ?? '', found[2] ?? '')
}

/** Whether this day (`2026-02-28`) and this time (`23:59:59`) exist: `Date` reads 30 February as 1 March. */
export function isOnCalendar(day: string, time: string): boolean {
  const written = new Date(`${day}T${time}Z`)
  return !Number.isNaN(written.getTime()) && written.toISOString().startsWith(day)
}

/** Whether a text has the form of a media type (RFC 9110, 8.3.1). */
export const isMediaType = (text: string): boolean => mediaType.test(text)

/** Whether a text is base64 with padding (RFC 4648, 4). */
export const isBase64 = (text: string): boolean => base64.test(text)

/** Whether a JSON value may be an attribute: a string, a boolean or a 32-bit integer (CloudEvents 1.0.2, type system). */
export function isScalar(value: unknown): value is string | boolean | number {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) <= integerMax
  return typeof value === 'string' || typeof value === 'boolean'
}

/** How an HTTP message carries an event. `other_format` is the structured mode in another format than JSON. */
export type ContentMode = 'binary' | 'structured' | 'other_format' | 'batch'

/** The content mode of a `content-type`, in upper or lower case and with any parameters (http-protocol-binding 3). */
export function contentModeOf(contentType: string): ContentMode {
  const type = contentType.trim().toLowerCase()
  // Batch is tested first, since its media type begins like that of the structured mode.
  if (type.startsWith('application/cloudevents-batch')) return 'batch'
  if (/^application\/cloudevents\+json(?:\s*;|$)/.test(type)) return 'structured'
  return type.startsWith('application/cloudevents') ? 'other_format' : 'binary'
}

/** Decodes UTF-8 and keeps a byte order mark; undefined when the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * Decodes the value of an attribute header: unquoted, then percent-decoded once (http-protocol-binding 3.1.3.2). Other SDKs send
 * UTF-8 unencoded, which Node.js reads as one character for each byte. Undefined when the result is not UTF-8.
 */
export function decodeHeaderValue(value: string): string | undefined {
  const unquoted = /^".*"$/.test(value) && value.length > 1 ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value
  if (!/[%\x80-\xff]/.test(unquoted)) return unquoted
  const decoded = unquoted.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return decodeUtf8(Buffer.from(decoded, 'latin1'))
}
