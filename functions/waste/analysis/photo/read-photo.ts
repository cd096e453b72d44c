import { type ObjectStore, ObjectTooLargeError } from '../../../_lib/stores/object-store.s3.ts'
import { imageBytesMax } from '../../image-content-type.ts'
import type { LeasedJob } from '../../job/leased-job.ts'
import { createMemorySemaphore, withMemory } from '../image/memory-semaphore.ts'
import { AnalysisFailedError } from '../lease/analysis-errors.ts'

/** Reads the upload and keeps it in memory for the time of the work, once there is room for it. It is empty afterwards. */
export type UsePhoto = <T>(
  job: LeasedJob,
  work: (original: Uint8Array) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>

/** All originals that are in memory at once: four of the largest, or thirty of common ones. */
const originalsBytesMax = 4 * imageBytesMax
/** More than an instance handles at once. */
const waitingMax = 200

/** The upload may have been overwritten or removed since it was checked. */
export function createPhotoReader(objects: Pick<ObjectStore, 'read'>): UsePhoto {
  const memory = createMemorySemaphore({ bytes: originalsBytesMax, waitingMax })
  return (job, work, signal) => {
    const sizeBytesMax = Math.min(job.contentLengthBytes, imageBytesMax)
    const read = async () => {
      const original = await readPhoto(objects, job.objectKey, sizeBytesMax)
      try {
        return await work(original)
      } finally {
        // Frees the memory now: the collector, who sees a small object, would leave it for long after the next has come.
        ;(original.buffer as ArrayBuffer).transfer(0)
      }
    }
    return withMemory(memory, sizeBytesMax, read, signal)
  }
}

async function readPhoto(
  objects: Pick<ObjectStore, 'read'>,
  objectKey: string,
  sizeBytesMax: number,
): Promise<Uint8Array> {
  const bytes = await objects.read(objectKey, sizeBytesMax).catch((error: unknown) => {
    if (error instanceof ObjectTooLargeError) throw new AnalysisFailedError('image_too_large', error.message)
    throw error
  })
  if (!bytes) throw new AnalysisFailedError('upload_missing', 'The uploaded photo is gone')
  return bytes
}
