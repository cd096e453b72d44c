import type { Operation } from '../http/operation.ts'
import { readDocument } from '../http/read-document.ts'
import { S3Error } from '../http/s3-error.ts'
import { parseXml } from '../http/xml.ts'

export const createBucket: Operation = {
  run: async ({ storage, region }, { bucketName, request, readPayload }) => {
    const hasBody = request.headers.has('transfer-encoding') || Number(request.headers.get('content-length') ?? 0) > 0
    const configuration = hasBody ? parseXml(await readDocument(readPayload())) : undefined
    const constraint = configuration?.children.find(({ name }) => name === 'LocationConstraint')?.text
    if (constraint && constraint !== region)
      throw new S3Error(
        'IllegalLocationConstraintException',
        `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
      )
    if (!(await storage.createBucket(bucketName)))
      throw new S3Error(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        { fields: { BucketName: bucketName } },
      )
    return { status: 200, headers: { location: `/${bucketName}` } }
  },
}
