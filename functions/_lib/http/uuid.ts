import { createHash, randomBytes } from 'node:crypto'

/**
 * A new UUIDv7 (RFC 9562, 5.7) in lower case: ordered by time, so that primary keys append. `now` is milliseconds since 1970, `random`
 * 16 bytes.
 */
export function createUuidV7(now: () => number = Date.now, random: Uint8Array = randomBytes(16)): string {
  const bytes = Buffer.from(random)
  bytes.writeUIntBE(now(), 0, 6)
  return format(bytes, 7)
}

/**
 * The UUIDv5 (RFC 9562, 5.5) of a name, in lower case: always the same within the namespace, which is a UUID too.
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
