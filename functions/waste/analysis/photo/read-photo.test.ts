import { expect, it } from 'vitest'
import { ObjectTooLargeError } from '../../../_lib/stores/s3/object-store.s3.ts'
import { imageBytesMax } from '../../image-content-type.ts'
import type { LeasedJob } from '../../job/leased-job.ts'
import { createPhotoReader } from './read-photo.ts'

const jobOf = (contentLengthBytes: number): LeasedJob => ({
  jobId: 'a-job',
  ownerId: 'an-owner',
  state: 'processing',
  fencingToken: 1,
  contentType: 'image/jpeg',
  contentLengthBytes,
  objectKey: 'uploads/an-owner/a-job',
  locale: 'ko',
  location: null,
})

it('has no more originals in memory than four of the largest, however many are asked for', async () => {
  let held = 0
  let heldMax = 0
  const hold = (bytes: number) => {
    held += bytes
    heldMax = Math.max(heldMax, held)
  }
  const usePhoto = createPhotoReader({
    read: async (_key, sizeBytesMax) => {
      hold(sizeBytesMax)
      return new Uint8Array(1)
    },
  })
  const sizes = Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? imageBytesMax : 400_000))
  await Promise.all(
    sizes.map((size) =>
      usePhoto(jobOf(size), async () => {
        await new Promise((resolve) => setImmediate(resolve))
        hold(-size)
      }),
    ),
  )
  expect(heldMax).toBeLessThanOrEqual(4 * imageBytesMax)
  expect(heldMax).toBeGreaterThan(3 * imageBytesMax)
})

it('reads no more than was declared, for which memory is acquired', async () => {
  const usePhoto = createPhotoReader({
    read: async (_key, sizeBytesMax) => {
      if (sizeBytesMax < 2_000) throw new ObjectTooLargeError('An object has 2000 bytes')
      return new Uint8Array(2_000)
    },
  })
  await expect(usePhoto(jobOf(1_000), async () => undefined)).rejects.toMatchObject({ reason: 'image_too_large' })
})

it('ends the job of a photo that is gone', async () => {
  const usePhoto = createPhotoReader({ read: async () => undefined })
  await expect(usePhoto(jobOf(1_000), async () => undefined)).rejects.toMatchObject({ reason: 'upload_missing' })
})
