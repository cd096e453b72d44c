import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

export const checksumAlgorithms = ['crc32', 'sha1', 'sha256'] as const
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number]
export type Digest = { update: (chunk: Buffer) => void; finish: () => Buffer }

export const checksumSizeBytes: Record<ChecksumAlgorithm, number> = { crc32: 4, sha1: 20, sha256: 32 }

function createCrc32(): Digest {
  let value = 0
  return {
    update: (chunk) => {
      value = crc32(chunk, value)
    },
    finish: () => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(value)
      return bytes
    },
  }
}

export function createDigest(algorithm: ChecksumAlgorithm | 'md5'): Digest {
  if (algorithm === 'crc32') return createCrc32()
  const hash = createHash(algorithm)
  return { update: (chunk) => void hash.update(chunk), finish: () => hash.digest() }
}
