import { openHeicDecoder } from './heic/open-heic-decoder.ts'
import { type ImageLimits, imageLimits } from './image-limits.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import { createMemorySemaphore } from './memory-semaphore.ts'
import { type PrepareImageOutcome, prepareImage } from './prepare-image.ts'

const mebibyte = 1_048_576
/** For all pictures being decoded, measured as the growth of the process. An instance has twice as much. */
const memoryBytes = 256 * mebibyte
/** Two photos of 12 megapixels at once, or one while the thread of another is kept. */
const heicBytesMin = memoryBytes / 2
/** Each takes one of the four threads of libuv, which also resolve names and read files. */
const decodingMax = 2
/** More than an instance handles at once. */
const waitingMax = 200

export type ImagePreparer = {
  prepareImage: (bytes: Uint8Array, declaredType: string, signal?: AbortSignal) => Promise<PrepareImageOutcome>
  close: () => Promise<void>
}

/** Opens what prepares photos: two at a time, within a bound of memory, off the event loop. */
export function openImagePreparer(limits: ImageLimits = imageLimits): ImagePreparer {
  const memory = createMemorySemaphore({ bytes: memoryBytes, waitingMax })
  const heic = openHeicDecoder({ memory, timeoutMs: limits.timeoutSeconds * 1000, heapBytesMin: heicBytesMin })
  const deps = { memory, decodeHeic: heic.decode, limits }
  return {
    prepareImage: limitConcurrency(
      (bytes: Uint8Array, declaredType: string, signal?: AbortSignal) =>
        prepareImage(deps, bytes, declaredType, signal),
      decodingMax,
    ),
    close: heic.close,
  }
}
