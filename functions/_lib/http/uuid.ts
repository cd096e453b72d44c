import { createHash, randomBytes } from 'node:crypto'

/**
 * Makes a UUIDv7 (RFC 9562, 5.7) in lower case. Ids are ordered by time, so new rows are appended to the index of a primary key. `now`
 * returns milliseconds since 1970; `random` is 16 bytes.
 */
export function createUuidV7(now: () => number = Date.now, random: Uint8Array = randomBytes(16)): string {
  const bytes = Buffer.from(random)
  bytes.writeUIntBE(now(), 0, 6)
  return format(bytes, 7)
}

/**
 * Makes the UUIDv5 (RFC 9562, 5.5) of a name in lower case: the same at each call for one name and one namespace, which is a UUID.
 *
 * @example
 * createUuidV5(jobId, 'image-deleted')
 */
export function createUuidV5(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
  return format(bytes, 5)
}

function format(bytes: Buffer, version: number): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
