import { type ObjectStore, ObjectTooLargeError } from '../../_lib/object-store.s3.ts'
import { imageBytesMax } from '../image-content-type.ts'
import { AnalysisFailedError, type LeasedJob } from './analysis.ts'

/** Reads the upload, which may have been overwritten or removed since it was checked. */
export function createPhotoReader(objects: Pick<ObjectStore, 'read'>) {
  return async (job: LeasedJob): Promise<Uint8Array> => {
    const bytes = await objects.read(job.objectKey, imageBytesMax).catch((error: unknown) => {
      if (error instanceof ObjectTooLargeError) throw new AnalysisFailedError('image_too_large', error.message)
      throw error
    })
    if (!bytes) throw new AnalysisFailedError('upload_missing', 'The uploaded photo is gone')
    return bytes
  }
}
