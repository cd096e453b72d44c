import type { AnsweredBy } from '../../analysis-result.ts'
import type { FailureReason } from '../../job/failure-reasons.ts'
import type { AnalysisCache } from '../cache/analysis-cache.redis.ts'
import type { KnownAnswer } from '../cache/choose-known-answer.ts'
import type { ImageRejection } from '../image/image-limits.ts'
import type { ImagePreparer } from '../image/open-image-preparer.ts'
import type { PreparedImage } from '../image/prepare-image.ts'
import { AnalysisFailedError } from '../lease/analysis-errors.ts'
import type { AnalysisRun } from '../lease/analysis-run.ts'
import type { UsePhoto } from './read-photo.ts'

export type LookUpPhotoDeps = {
  usePhoto: UsePhoto
  cache: Pick<AnalysisCache, 'findExact' | 'findSimilar'>
  prepareImage: ImagePreparer['prepareImage']
}

/** What a photo shows, and how the answer was found. */
export type FoundAnswer = { answer: KnownAnswer; answeredBy: AnsweredBy }

export type LookedUpPhoto =
  | (FoundAnswer & { kind: 'known'; photo: { sha256: string; prepared: PreparedImage | undefined } })
  | { kind: 'new'; photo: { sha256: string; prepared: PreparedImage } }

/**
 * Reads a photo and looks up its answer: by the same bytes, else by similar photos. The original leaves memory before the
 * model is called, since a hundred analyses may wait for it. An answer found by similarity is not cached again, so that it
 * expires with the photo that it was given for.
 */
export async function lookUpPhoto(deps: LookUpPhotoDeps, { job, report, signal }: AnalysisRun): Promise<LookedUpPhoto> {
  report('download')
  const read = async (original: Uint8Array) => {
    report('lookup')
    const sha256 = await sha256Of(original)
    const exact = await deps.cache.findExact(sha256)
    if (exact) return { sha256, exact }
    report('prepare')
    return { sha256, prepared: await getPreparedImage(deps, original, job.contentType, signal) }
  }
  const { sha256, exact, prepared } = await deps.usePhoto(job, read, signal)
  if (exact) return { kind: 'known', answer: exact, answeredBy: 'exact_match', photo: { sha256, prepared: undefined } }

  const photo = { sha256, prepared }
  const similar = await deps.cache.findSimilar(prepared, job.ownerId)
  if (!similar) return { kind: 'new', photo }
  return { kind: 'known', answer: similar, answeredBy: 'perceptual_match', photo }
}

const rejections: Record<ImageRejection, FailureReason> = {
  not_an_image: 'invalid_image',
  corrupt: 'invalid_image',
  type_mismatch: 'image_type_mismatch',
  too_many_pixels: 'image_too_large',
  too_small: 'image_too_small',
  animated: 'image_animated',
  unsupported_codec: 'image_type_unsupported',
}

async function getPreparedImage(
  deps: LookUpPhotoDeps,
  original: Uint8Array,
  declaredType: string,
  signal: AbortSignal,
): Promise<PreparedImage> {
  const outcome = await deps.prepareImage(original, declaredType, signal)
  if (outcome.kind === 'prepared') return outcome
  throw new AnalysisFailedError(rejections[outcome.reason], `The photo was rejected: ${outcome.reason}`)
}

/** Hashes on a thread of libuv: ten megabytes would block the event loop for about ten milliseconds. */
async function sha256Of(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)).toString('hex')
}
