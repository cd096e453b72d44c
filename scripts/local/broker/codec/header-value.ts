import { InvalidEventError } from './cloud-event.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is meant.
const ascii = /^[\x00-\x7f]*$/

/** An attribute value as the ingress takes it: neither unquoted nor percent-decoded. Node.js gives bytes as Latin-1 characters. */
export function decodeHeaderValue(name: string, value: string): string {
  if (ascii.test(value)) return value
  try {
    return utf8.decode(Buffer.from(value, 'latin1'))
  } catch {
    throw new InvalidEventError(`Header "${name}" is not UTF-8.`)
  }
}

/** The bytes of an attribute value, as the dispatcher sends them: in UTF-8, and not percent-encoded. */
export function encodeHeaderValue(value: string): string {
  return ascii.test(value) ? value : Buffer.from(value).toString('latin1')
}
