import type { ObjectStore } from '../../../_lib/stores/s3/object-store.s3.ts'
import type { LeasedJob } from '../../job/leased-job.ts'
import { preparedKeyOf } from '../../prepared-key.ts'

/** Removes the upload of a failed job, and the picture prepared from it. */
export function createPhotoRemover(objects: Pick<ObjectStore, 'remove'>) {
  return async ({ objectKey }: LeasedJob): Promise<void> => {
    await Promise.all([objects.remove(objectKey), objects.remove(preparedKeyOf(objectKey))])
  }
}
