import type { PreparedImage } from '../analysis/image/prepare-image.ts'
import { type AskModelDeps, askModel, type ModelCall } from '../analysis/model/ask-model.ts'
import { type FoundAnswer as Answered, type LookUpPhotoDeps, lookUpPhoto } from '../analysis/photo/look-up-photo.ts'
import type { Stage } from '../job/job.ts'
import type { LeasedJob } from '../job/leased-job.ts'

export type FindAnswerDeps = LookUpPhotoDeps & AskModelDeps

export type FoundAnswer = Answered & {
  modelCall: ModelCall | undefined
  photo: { sha256: string; prepared: PreparedImage | undefined }
}

/** From the photo in the store to what it shows: what is known of it, else what the model says. */
export async function findAnswer(
  deps: FindAnswerDeps,
  job: LeasedJob,
  report: (stage: Stage) => void,
  signal: AbortSignal,
): Promise<FoundAnswer> {
  const found = await lookUpPhoto(deps, job, report, signal)
  const { photo } = found
  if (found.kind === 'known') {
    return { answer: found.answer, answeredBy: found.answeredBy, modelCall: undefined, photo }
  }
  const { sha256, prepared } = found.photo
  const answered = await askModel(deps, job, { sha256, print: prepared, jpeg: prepared.jpeg }, report, signal)
  return { ...answered, photo }
}
