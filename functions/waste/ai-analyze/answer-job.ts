import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { findRules, type ReadRules } from '../analysis/answer/find-rules.ts'
import type { FindNearbyBins } from '../analysis/answer/nearby-bins.pg.ts'
import type { SaveResult } from '../analysis/answer/save-result.pg.ts'
import { writeAnswer } from '../analysis/answer/write-answer.ts'
import { LeaseLostError } from '../analysis/lease/analysis-errors.ts'
import type { AnalysisResult } from '../analysis-result.ts'
import type { Stage } from '../job/job.ts'
import type { LeasedJob } from '../job/leased-job.ts'
import { type FindAnswerDeps, type FoundAnswer, findAnswer } from './find-answer.ts'

export type AnswerJobDeps = FindAnswerDeps & {
  readRules: ReadRules
  findNearbyBins: FindNearbyBins
  saveResult: SaveResult
}

export type AnsweredJob = { result: AnalysisResult; photo: FoundAnswer['photo'] }

export type AnswerJob = (
  job: LeasedJob,
  event: JsonCloudEvent,
  report: (stage: Stage) => void,
  signal: AbortSignal,
) => Promise<AnsweredJob>

/** The whole way of one photo: what it is, the rule for it, the words for the person, the bins nearby, saved once. */
export async function answerJob(
  deps: AnswerJobDeps,
  job: LeasedJob,
  event: JsonCloudEvent,
  report: (stage: Stage) => void,
  signal: AbortSignal,
): Promise<AnsweredJob> {
  const { modelCall, photo, ...found } = await findAnswer(deps, job, report, signal)
  report('feedback')
  const rules = await findRules(deps.readRules, found.answer.classification)
  const written = await writeAnswer(deps, job, found, rules, report)
  const saved = await deps.saveResult(job, event, { ...written, imageSha256: photo.sha256, modelCall })
  if (!saved) throw new LeaseLostError('The lease was lost before the result was saved')
  return { result: { job_id: job.jobId, ...written, analyzed_at: saved.analyzedAt.toISOString() }, photo }
}
