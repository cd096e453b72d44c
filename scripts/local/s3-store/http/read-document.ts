import type { Payload } from '../signing/payload.ts'
import { S3Error } from './s3-error.ts'

// 1000 keys of 1024 bytes, each as character references, still fit.
const documentSizeBytesMax = 8 * 1024 * 1024

/** The verified body of a request that carries an XML document. */
export async function readDocument(payload: Payload): Promise<string> {
  if (payload.sizeBytes > documentSizeBytesMax)
    throw new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed object size.')
  const chunks: Buffer[] = []
  for await (const chunk of payload.chunks) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
