import { checkWriteConditions } from '../http/conditions.ts'
import type { Operation } from '../http/operation.ts'

export const deleteObject: Operation = {
  run: async ({ storage }, { bucketName, key, request }) => {
    const bucket = storage.getBucket(bucketName)
    bucket.delete(key, (existing) => checkWriteConditions(request.effectiveHeaders, key, existing))
    return { status: 204 }
  },
}
