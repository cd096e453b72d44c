import type { LeasedJob } from './analysis.ts'
import type { AnsweredJob } from './answer-job.ts'
import type { PrepareImageOutcome } from './image/prepare-image.ts'

export type TidyPhotoDeps = {
  prepareImage: (bytes: Uint8Array, declaredType: string) => Promise<PrepareImageOutcome>
  objects: {
    exists: (key: string) => Promise<boolean>
    write: (key: string, body: Uint8Array, contentType: string) => Promise<void>
    remove: (key: string) => Promise<void>
  }
  recordPhoto: (jobId: string, photoKey: string) => Promise<void>
}

/** Keeps the picture without its metadata (place, camera, time) and removes what was uploaded. */
export async function tidyPhoto(deps: TidyPhotoDeps, job: LeasedJob, { photo }: AnsweredJob): Promise<void> {
  // Named by content, so that the same photo of one person is kept once.
  const photoKey = `photos/${job.ownerId}/${photo.sha256}.jpg`
  if (photo.prepared || !(await deps.objects.exists(photoKey))) {
    const prepared = photo.prepared ?? (await deps.prepareImage(photo.original, job.contentType))
    if (prepared.kind === 'prepared') await deps.objects.write(photoKey, prepared.jpeg, 'image/jpeg')
  }
  await deps.recordPhoto(job.jobId, photoKey)
  await deps.objects.remove(job.objectKey)
}
