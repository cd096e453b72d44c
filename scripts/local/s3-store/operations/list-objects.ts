import type { Operation } from '../http/operation.ts'
import { getParameter } from '../http/parse-request.ts'
import { S3Error } from '../http/s3-error.ts'
import { renderXml } from '../http/xml.ts'
import { encodePath } from '../signing/signature.ts'
import { listPage } from '../storage/list-page.ts'

const entriesMaxDefault = 1000

function parseEntriesMax(value: string | undefined): number {
  if (value === undefined) return entriesMaxDefault
  if (!/^\d{1,10}$/.test(value) || Number(value) > 2_147_483_647)
    throw new S3Error('InvalidArgument', 'Provided max-keys not an integer or within integer range', {
      fields: { ArgumentName: 'max-keys', ArgumentValue: value },
    })
  return Math.min(Number(value), entriesMaxDefault)
}

export const listObjects: Operation = {
  parameters: [
    'list-type',
    'prefix',
    'delimiter',
    'max-keys',
    'start-after',
    'continuation-token',
    'encoding-type',
    'fetch-owner',
  ],
  headers: ['x-amz-optional-object-attributes'],
  run: async ({ storage }, { bucketName, request }) => {
    const bucket = storage.getBucket(bucketName)
    const read = (name: string) => getParameter(request, name)
    const encoding = read('encoding-type')
    if (encoding !== undefined && encoding !== 'url')
      throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request')
    if (read('fetch-owner') === 'true') throw new S3Error('NotImplemented', 'fetch-owner is not implemented.')
    const entriesMax = parseEntriesMax(read('max-keys'))
    const token = read('continuation-token')
    const prefix = read('prefix') ?? ''
    const delimiter = read('delimiter') ?? ''
    const startAfter = read('start-after') ?? ''
    const page = listPage(bucket.listKeys(), { prefix, delimiter, startAfter, token, entriesMax })
    const encode = (text: string) => (encoding === 'url' ? encodePath(text) : text)
    const content = {
      Name: bucketName,
      Prefix: encode(prefix),
      Delimiter: delimiter === '' ? undefined : encode(delimiter),
      StartAfter: startAfter === '' ? undefined : encode(startAfter),
      EncodingType: encoding,
      ContinuationToken: token,
      NextContinuationToken: page.nextToken,
      MaxKeys: entriesMax,
      KeyCount: page.keys.length + page.commonPrefixes.length,
      IsTruncated: page.nextToken !== undefined,
      Contents: page.keys.map((key) => {
        const { lastModified, etag, checksum, sizeBytes } = bucket.get(key)
        return {
          Key: encode(key),
          LastModified: lastModified.toISOString(),
          ETag: `"${etag}"`,
          ChecksumAlgorithm: checksum?.algorithm.toUpperCase(),
          ChecksumType: checksum && 'FULL_OBJECT',
          Size: sizeBytes,
          StorageClass: 'STANDARD',
        }
      }),
      CommonPrefixes: page.commonPrefixes.map((commonPrefix) => ({ Prefix: encode(commonPrefix) })),
    }
    return { status: 200, body: renderXml('ListBucketResult', content) }
  },
}
