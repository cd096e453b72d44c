import type { ObjectRecord } from '../storage/object-file.ts'
import { S3Error } from './s3-error.ts'

type Headers = ReadonlyMap<string, string>

const storedHeaders = ['content-type', 'cache-control', 'content-disposition', 'content-language', 'expires']
const metadataPrefix = 'x-amz-meta-'
const metadataSizeBytesMax = 2048

/** Reads the headers and the metadata of an object from a PUT or a replacing copy. */
export function readDescription(headers: Headers): Pick<ObjectRecord, 'headers' | 'metadata'> {
  const described: Record<string, string> = { 'content-type': 'binary/octet-stream' }
  for (const name of storedHeaders) {
    const value = headers.get(name)
    if (value) described[name] = value
  }
  const codings = (headers.get('content-encoding') ?? '').split(',').map((coding) => coding.trim())
  // aws-chunked is the coding of the request, not of the object.
  const contentEncoding = codings.filter((coding) => coding !== '' && coding !== 'aws-chunked').join(',')
  if (contentEncoding) described['content-encoding'] = contentEncoding
  const metadata = Object.fromEntries(
    [...headers]
      .filter(([name]) => name.startsWith(metadataPrefix))
      .map(([name, value]) => [name.slice(metadataPrefix.length), value]),
  )
  const sizeBytes = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (sizeBytes > metadataSizeBytesMax)
    throw new S3Error('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      fields: { Size: String(sizeBytes), MaxSizeAllowed: String(metadataSizeBytesMax) },
    })
  return { headers: described, metadata }
}

/** S3 stores times to the second. */
export const truncateToSecond = (time: Date) => new Date(Math.floor(time.getTime() / 1000) * 1000)

export function checksumHeaders({ checksum }: Pick<ObjectRecord, 'checksum'>): Record<string, string> {
  if (!checksum) return {}
  return { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' }
}

export function objectHeaders(record: ObjectRecord): Record<string, string> {
  const metadata = Object.entries(record.metadata).map(([name, value]) => [`${metadataPrefix}${name}`, value])
  return {
    ...record.headers,
    ...Object.fromEntries(metadata),
    'accept-ranges': 'bytes',
    etag: `"${record.etag}"`,
    'last-modified': record.lastModified.toUTCString(),
  }
}
