import { findRules, type ReadRules } from '../analysis/answer/find-rules.ts'
import type { FindNearbyBins } from '../analysis/answer/nearby-bins.pg.ts'
import type { SaveResult } from '../analysis/answer/save-result.pg.ts'
import { writeAnswer } from '../analysis/answer/write-answer.ts'
import type { PreparedImage } from '../analysis/image/prepare-image.ts'
import { LeaseLostError } from '../analysis/lease/analysis-errors.ts'
import type { AnalysisRun } from '../analysis/lease/analysis-run.ts'
import { type AskModelDeps, askModel, type ModelCall } from '../analysis/model/ask-model.ts'
import { type FoundAnswer as Answered, type LookUpPhotoDeps, lookUpPhoto } from '../analysis/photo/look-up-photo.ts'
import type { AnalysisResult } from '../analysis-result.ts'

export type FindAnswerDeps = LookUpPhotoDeps & AskModelDeps

export type AnswerJobDeps = FindAnswerDeps & {
  readRules: ReadRules
  findNearbyBins: FindNearbyBins
  saveResult: SaveResult
}

type FoundAnswer = Answered & {
  modelCall: ModelCall | undefined
  photo: { sha256: string; prepared: PreparedImage | undefined }
}

export type AnsweredJob = { result: AnalysisResult; photo: FoundAnswer['photo'] }

/** Analyses one photo: finds the answer and its rules, writes the advice and the nearby bins, and saves the result once. */
export async function answerJob(deps: AnswerJobDeps, run: AnalysisRun): Promise<AnsweredJob> {
  const { modelCall, photo, ...found } = await findAnswer(deps, run)
  run.report('feedback')
  const rules = await findRules(deps.readRules, found.answer.classification)
  const written = await writeAnswer(deps, run, found, rules)
  const result = await deps.saveResult(run, { ...written, imageSha256: photo.sha256, modelCall })
  if (!result) throw new LeaseLostError('The lease was lost before the result was saved')
  return { result, photo }
}

/** Finds the answer for a photo: the known one, else that of the model. */
export async function findAnswer(deps: FindAnswerDeps, run: AnalysisRun): Promise<FoundAnswer> {
  const found = await lookUpPhoto(deps, run)
  const { photo } = found
  if (found.kind === 'known') {
    return { answer: found.answer, answeredBy: found.answeredBy, modelCall: undefined, photo }
  }
  const { sha256, prepared } = found.photo
  const answered = await askModel(deps, run, { sha256, fingerprint: prepared, jpeg: prepared.jpeg })
  return { ...answered, photo }
}
