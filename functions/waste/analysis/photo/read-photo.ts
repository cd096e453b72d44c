import { type ObjectStore, ObjectTooLargeError } from '../../../_lib/stores/s3/object-store.s3.ts'
import { imageBytesMax } from '../../image-content-type.ts'
import type { LeasedJob } from '../../job/leased-job.ts'
import { createMemorySemaphore, withMemory } from '../image/memory-semaphore.ts'
import { AnalysisFailedError } from '../lease/analysis-errors.ts'

/** Reads the upload once there is memory for it, and frees it after the work. */
export type UsePhoto = <T>(
  job: LeasedJob,
  work: (original: Uint8Array) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>

/** For all originals in memory: four of the largest, or thirty of common size. */
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
        // Frees the memory now: to the garbage collector it is a small object, which it would collect much later.
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
