import { decodeUtf8 } from '../../../../functions/_lib/events/cloud-event-attribute.ts'
import { InvalidEventError } from './cloud-event.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is meant.
const ascii = /^[\x00-\x7f]*$/

/** An attribute value as the ingress reads it: neither unquoted nor percent-decoded. Node.js gives bytes as Latin-1 characters. */
export function decodeHeaderValue(name: string, value: string): string {
  if (ascii.test(value)) return value
  const text = decodeUtf8(Buffer.from(value, 'latin1'))
  if (text === undefined) throw new InvalidEventError(`Header "${name}" is not UTF-8.`)
  return text
}

/** The bytes of an attribute value, as the dispatcher sends them: in UTF-8, and not percent-encoded. */
export function encodeHeaderValue(value: string): string {
  return ascii.test(value) ? value : Buffer.from(value).toString('latin1')
}
