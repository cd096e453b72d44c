import { type SanitizePhotoDeps, sanitizePhoto } from '../analysis/photo/sanitize-photo.ts'
import { imageBytesMax } from '../image-content-type.ts'
import type { LeasedJob } from '../job/leased-job.ts'
import { preparedKeyOf } from '../prepared-key.ts'
import type { AnsweredUpload } from './compose-answer.ts'

export type SanitizeUploadDeps = SanitizePhotoDeps & {
  objects: { read: (key: string, sizeBytesMax: number) => Promise<Uint8Array | undefined> }
}

/** Keeps the picture that the first step has prepared, and removes it and the original from `uploads/`. */
export async function sanitizeUpload(
  deps: SanitizeUploadDeps,
  job: LeasedJob,
  { sha256, isPrepared }: AnsweredUpload,
): Promise<void> {
  const preparedKey = preparedKeyOf(job.objectKey)
  const jpeg = isPrepared ? await deps.objects.read(preparedKey, imageBytesMax) : undefined
  const prepared = jpeg && { kind: 'prepared' as const, jpeg }
  await sanitizePhoto(deps, job, { photo: { sha256, prepared } })
  if (isPrepared) await deps.objects.remove(preparedKey)
}
