import { checkWriteConditions } from '../http/conditions.ts'
import { checksumHeaders, readDescription, truncateToSecond } from '../http/object-headers.ts'
import type { Operation } from '../http/operation.ts'
import { S3Error } from '../http/s3-error.ts'

export const putObject: Operation = {
  headers: ['x-amz-meta-*', 'x-amz-acl=private', 'x-amz-storage-class=STANDARD', 'x-amz-server-side-encryption=AES256'],
  run: async ({ storage, now, objectSizeBytesMax }, { bucketName, key, request, readPayload, signal }) => {
    const headers = request.effectiveHeaders
    const bucket = storage.getBucket(bucketName)
    const payload = readPayload()
    if (payload.sizeBytes > objectSizeBytesMax)
      throw new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
        fields: { ProposedSize: String(payload.sizeBytes), MaxSizeAllowed: String(objectSizeBytesMax) },
      })
    const description = readDescription(headers)
    checkWriteConditions(headers, key, bucket.find(key))
    const record = await bucket.write({
      key,
      body: payload.chunks,
      describe: () => {
        const { md5, sizeBytes, checksum } = payload.getOutcome()
        const lastModified = truncateToSecond(now())
        return { ...description, sizeBytes, etag: md5.toString('hex'), lastModified, checksum }
      },
      check: (existing) => {
        signal.throwIfAborted()
        checkWriteConditions(headers, key, existing)
      },
    })
    return { status: 200, headers: { etag: `"${record.etag}"`, ...checksumHeaders(record) } }
  },
}
