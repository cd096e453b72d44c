import type { Operation } from '../http/operation.ts'

export const headBucket: Operation = {
  run: async ({ storage, region }, { bucketName }) => {
    storage.getBucket(bucketName)
    return { status: 200, headers: { 'x-amz-bucket-region': region } }
  },
}
