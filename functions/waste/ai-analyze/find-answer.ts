import { createHash } from 'node:crypto'
import type { AnsweredBy } from '../analysis-result.ts'
import type { FailureReason, Stage } from '../job.ts'
import { AnalysisFailedError, type LeasedJob } from './analysis.ts'
import type { AnalysisCache, KnownAnswer } from './analysis-cache.redis.ts'
import type { Identified } from './identify-waste.ts'
import type { ImageRejection, PreparedImage, PrepareImageOutcome } from './image/prepare-image.ts'

export type FindAnswerDeps = {
  readPhoto: (job: LeasedJob) => Promise<Uint8Array>
  cache: AnalysisCache
  prepareImage: (bytes: Uint8Array, declaredType: string) => Promise<PrepareImageOutcome>
  identifyWaste: (job: LeasedJob, jpeg: Uint8Array, signal: AbortSignal) => Promise<Identified>
}

export type FoundAnswer = {
  answer: KnownAnswer
  answeredBy: AnsweredBy
  modelCall: { usage: Identified['usage'] } | undefined
  photo: { sha256: string; original: Uint8Array; prepared: PreparedImage | undefined }
}

/** From the photo in the store to what it shows: the same bytes, else a photo that looks the same, else the model. */
export async function findAnswer(
  deps: FindAnswerDeps,
  job: LeasedJob,
  report: (stage: Stage) => void,
  signal: AbortSignal,
): Promise<FoundAnswer> {
  report('download')
  const original = await deps.readPhoto(job)

  report('lookup')
  const sha256 = createHash('sha256').update(original).digest('hex')
  const exact = await deps.cache.findExact(sha256)
  if (exact) {
    const photo = { sha256, original, prepared: undefined }
    return { answer: exact, answeredBy: 'exact_match', modelCall: undefined, photo }
  }

  report('prepare')
  const prepared = await getPreparedImage(deps, original, job.contentType)
  const photo = { sha256, original, prepared }
  const similar = await deps.cache.findSimilar(prepared)
  if (similar) {
    await deps.cache.remember({ sha256 }, similar)
    return { answer: similar, answeredBy: 'perceptual_match', modelCall: undefined, photo }
  }

  report('vision')
  signal.throwIfAborted()
  const { classification, model, usage } = await deps.identifyWaste(job, prepared.jpeg, signal)
  const answer = { classification, model }
  await deps.cache.remember({ sha256, print: prepared }, answer)
  return { answer, answeredBy: 'model', modelCall: { usage }, photo }
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
  deps: FindAnswerDeps,
  original: Uint8Array,
  declaredType: string,
): Promise<PreparedImage> {
  const outcome = await deps.prepareImage(original, declaredType)
  if (outcome.kind === 'prepared') return outcome
  throw new AnalysisFailedError(rejections[outcome.reason], `The photo was rejected: ${outcome.reason}`)
}
