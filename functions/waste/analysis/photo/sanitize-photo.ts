import type { LeasedJob } from '../../job/leased-job.ts'
import type { ImagePreparer } from '../image/open-image-preparer.ts'
import type { UsePhoto } from './read-photo.ts'

export type SanitizePhotoDeps = {
  /** Reads the upload again when no prepared picture exists. */
  usePhoto: UsePhoto
  prepareImage: ImagePreparer['prepareImage']
  objects: {
    exists: (key: string) => Promise<boolean>
    write: (key: string, body: Uint8Array, contentType: string) => Promise<void>
    remove: (key: string) => Promise<void>
  }
  /** False when no result refers to the photo. */
  recordPhoto: (jobId: string, photoKey: string) => Promise<boolean>
}

export type AnsweredPhoto = {
  sha256: string
  prepared: { kind: 'prepared'; jpeg: Uint8Array } | undefined
}

/** Keeps the picture without its metadata (location, camera, time) and removes the upload. */
export async function sanitizePhoto(
  deps: SanitizePhotoDeps,
  job: LeasedJob,
  { photo }: { photo: AnsweredPhoto },
): Promise<void> {
  // Named by content, so that a repeated photo of one person is stored once.
  const photoKey = `photos/${job.ownerId}/${photo.sha256}.jpg`
  if (await keepPhoto(deps, job, photo, photoKey)) {
    // The account may have been deleted meanwhile, and its photo must not stay.
    if (!(await deps.recordPhoto(job.jobId, photoKey))) await deps.objects.remove(photoKey)
  }
  await deps.objects.remove(job.objectKey)
}

async function keepPhoto(
  deps: SanitizePhotoDeps,
  job: LeasedJob,
  photo: AnsweredPhoto,
  photoKey: string,
): Promise<boolean> {
  if (!photo.prepared && (await deps.objects.exists(photoKey))) return true
  const prepared =
    photo.prepared ?? (await deps.usePhoto(job, (original) => deps.prepareImage(original, job.contentType)))
  if (prepared.kind !== 'prepared') return false
  await deps.objects.write(photoKey, prepared.jpeg, 'image/jpeg')
  return true
}
