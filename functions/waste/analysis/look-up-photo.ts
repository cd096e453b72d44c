import { createHash } from 'node:crypto'
import type { AnsweredBy } from '../analysis-result.ts'
import type { FailureReason, Stage } from '../job.ts'
import { AnalysisFailedError, type LeasedJob } from './analysis.ts'
import type { AnalysisCache, KnownAnswer } from './analysis-cache.redis.ts'
import type { ImageRejection, PreparedImage, PrepareImageOutcome } from './image/prepare-image.ts'

export type LookUpPhotoDeps = {
  readPhoto: (job: LeasedJob) => Promise<Uint8Array>
  cache: AnalysisCache
  prepareImage: (bytes: Uint8Array, declaredType: string) => Promise<PrepareImageOutcome>
}

/** What a photo shows, and who said so. */
export type FoundAnswer = { answer: KnownAnswer; answeredBy: AnsweredBy }

type ReadPhoto = { sha256: string; original: Uint8Array }

export type LookedUpPhoto =
  | (FoundAnswer & { kind: 'known'; photo: ReadPhoto & { prepared: PreparedImage | undefined } })
  | { kind: 'new'; photo: ReadPhoto & { prepared: PreparedImage } }

/** From the photo in the store to whether its answer is known: by the same bytes, else by a photo that looks the same. */
export async function lookUpPhoto(
  deps: LookUpPhotoDeps,
  job: LeasedJob,
  report: (stage: Stage) => void,
): Promise<LookedUpPhoto> {
  report('download')
  const original = await deps.readPhoto(job)

  report('lookup')
  const sha256 = createHash('sha256').update(original).digest('hex')
  const exact = await deps.cache.findExact(sha256)
  if (exact) {
    const photo = { sha256, original, prepared: undefined }
    return { kind: 'known', answer: exact, answeredBy: 'exact_match', photo }
  }

  report('prepare')
  const prepared = await getPreparedImage(deps, original, job.contentType)
  const photo = { sha256, original, prepared }
  const similar = await deps.cache.findSimilar(prepared)
  if (!similar) return { kind: 'new', photo }
  await deps.cache.remember({ sha256 }, similar)
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
): Promise<PreparedImage> {
  const outcome = await deps.prepareImage(original, declaredType)
  if (outcome.kind === 'prepared') return outcome
  throw new AnalysisFailedError(rejections[outcome.reason], `The photo was rejected: ${outcome.reason}`)
}
