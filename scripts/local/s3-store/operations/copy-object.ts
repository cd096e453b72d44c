import { createReadStream } from 'node:fs'
import { checkCopyConditions, checkWriteConditions } from '../http/conditions.ts'
import { readDescription, truncateToSecond } from '../http/object-headers.ts'
import type { Operation } from '../http/operation.ts'
import { S3Error } from '../http/s3-error.ts'
import { renderXml } from '../http/xml.ts'
import { checksumAlgorithms, createDigest } from '../signing/digest.ts'

function parseSource(header: string): { bucketName: string; key: string } {
  const [path = '', version] = header.split('?')
  if (version !== undefined) throw new S3Error('NotImplemented', 'Copying a version is not implemented.')
  let decoded = ''
  try {
    decoded = decodeURIComponent(path).replace(/^\//, '')
  } catch {
    // Refused below.
  }
  const separator = decoded.indexOf('/')
  if (separator < 1 || separator === decoded.length - 1)
    throw new S3Error('InvalidArgument', 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey')
  return { bucketName: decoded.slice(0, separator), key: decoded.slice(separator + 1) }
}

export const copyObject: Operation = {
  headers: [
    'x-amz-copy-source',
    'x-amz-copy-source-if-match',
    'x-amz-copy-source-if-none-match',
    'x-amz-metadata-directive',
    'x-amz-checksum-algorithm',
    'x-amz-meta-*',
    'x-amz-acl=private',
    'x-amz-storage-class=STANDARD',
    'x-amz-server-side-encryption=AES256',
  ],
  run: async ({ storage, now }, { bucketName, key, request }) => {
    const headers = request.effectiveHeaders
    const target = storage.getBucket(bucketName)
    const sourceName = parseSource(headers.get('x-amz-copy-source') ?? '')
    const sourceBucket = storage.getBucket(sourceName.bucketName)
    const source = sourceBucket.get(sourceName.key)
    const directive = headers.get('x-amz-metadata-directive') ?? 'COPY'
    if (directive !== 'COPY' && directive !== 'REPLACE')
      throw new S3Error('InvalidArgument', 'Unknown metadata directive.')
    if (directive === 'COPY' && sourceBucket === target && sourceName.key === key)
      throw new S3Error(
        'InvalidRequest',
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata.",
      )
    const requested = headers.get('x-amz-checksum-algorithm')?.toLowerCase() ?? source.checksum?.algorithm
    const algorithm = checksumAlgorithms.find((known) => known === requested)
    if (requested !== undefined && !algorithm)
      throw new S3Error('NotImplemented', `The checksum algorithm "${requested}" is not implemented.`)
    checkCopyConditions(headers, source)
    checkWriteConditions(headers, key, target.find(key))
    const description = directive === 'REPLACE' ? readDescription(headers) : source
    const digest = algorithm && createDigest(algorithm)
    const fileDescriptor = sourceBucket.open(sourceName.key)
    async function* readSource(): AsyncGenerator<Buffer> {
      const end = source.sizeBytes - 1
      // A range that ends before it starts is an error, so an empty object is read from behind its bytes.
      const stream = createReadStream('', { fd: fileDescriptor, start: 0, end: Math.max(end, 0) })
      for await (const chunk of stream) {
        if (source.sizeBytes === 0) return
        digest?.update(chunk)
        yield chunk
      }
    }
    const record = await target.write({
      key,
      body: readSource(),
      describe: () => ({
        headers: description.headers,
        metadata: description.metadata,
        sizeBytes: source.sizeBytes,
        etag: source.etag,
        lastModified: truncateToSecond(now()),
        checksum: algorithm && digest && { algorithm, value: digest.finish().toString('base64') },
      }),
      check: (existing) => checkWriteConditions(headers, key, existing),
    })
    const content = {
      LastModified: record.lastModified.toISOString(),
      ETag: `"${record.etag}"`,
      ...(record.checksum && {
        ChecksumType: 'FULL_OBJECT',
        [`Checksum${record.checksum.algorithm.toUpperCase()}`]: record.checksum.value,
      }),
    }
    return { status: 200, body: renderXml('CopyObjectResult', content) }
  },
}
