import type { Payload } from '../signing/payload.ts'
import { S3Error } from './s3-error.ts'

// Large enough for 1000 keys of 1024 bytes written as character references.
const documentSizeBytesMax = 8 * 1024 * 1024

/** Reads and verifies the body of a request that contains an XML document. */
export async function readDocument(payload: Payload): Promise<string> {
  if (payload.sizeBytes > documentSizeBytesMax)
    throw new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed object size.')
  const chunks: Buffer[] = []
  for await (const chunk of payload.chunks) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
