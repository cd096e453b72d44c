import { InvalidEventError } from './cloud-event.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** An attribute value from a header: quoted strings unescaped, then one round of percent-decoding (HTTP binding 3.1.3.2). */
export function decodeHeaderValue(name: string, value: string): string {
  const unquoted = /^".*"$/s.test(value) && value.length > 1 ? value.slice(1, -1).replace(/\\(.)/gs, '$1') : value
  // Node gives header bytes as Latin-1 characters; without percent or high bytes they are the text already.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is meant.
  if (/^[\x00-\x24\x26-\x7f]*$/.test(unquoted)) return unquoted
  const bytes = Buffer.from(
    unquoted.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
  try {
    return utf8.decode(bytes)
  } catch {
    throw new InvalidEventError(`Header "${name}" is not UTF-8 after percent-decoding.`)
  }
}

/** Percent-encodes space, double quote, percent and everything outside U+0021 to U+007E. */
export function encodeHeaderValue(value: string): string {
  if (/^[!#$&-~]*$/.test(value)) return value
  return [...value.toWellFormed()]
    .map((character) => (/^[!#$&-~]$/.test(character) ? character : percentEncode(character)))
    .join('')
}

function percentEncode(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}
