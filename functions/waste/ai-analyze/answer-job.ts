import type { WasteCategory } from '../../_contracts/waste-category.v1.ts'
import type { JsonCloudEvent } from '../../_lib/cloud-event.ts'
import type { AnalysisResult } from '../analysis-result.ts'
import type { Stage } from '../job.ts'
import { type LeasedJob, LeaseLostError } from './analysis.ts'
import type { Classification } from './classification.ts'
import { composeFeedback, type FeedbackInput } from './feedback/compose-feedback.ts'
import type { RuleRow } from './feedback/rule-row.ts'
import { type FindAnswerDeps, type FoundAnswer, findAnswer } from './find-answer.ts'
import type { FindNearbyBins } from './nearby-bins.pg.ts'
import type { SaveResult } from './save-result.pg.ts'

export type AnswerJobDeps = FindAnswerDeps & {
  /** The national sorting rules by category. */
  readRules: () => Promise<ReadonlyMap<WasteCategory, RuleRow>>
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
  const { answer, answeredBy, modelCall, photo } = await findAnswer(deps, job, report, signal)

  report('feedback')
  const feedback = composeFeedback({
    classification: toFeedbackInput(answer.classification),
    rules: await deps.readRules(),
    locale: job.locale,
  })

  report('save')
  const destination = feedback.moved_to ?? feedback.category
  const nearbyBins =
    job.location && destination !== 'NOT_WASTE' ? await deps.findNearbyBins(destination, job.location) : []
  const found = {
    waste_type: feedback.waste_type,
    category: feedback.category,
    moved_to: feedback.moved_to ?? null,
    recyclable: feedback.recyclable,
    confidence: roundConfidence(answer.classification.confidence),
    item_name: feedback.item_name,
    feedback: feedback.feedback,
    disposal_steps: feedback.disposal_steps,
    nearby_bins: nearbyBins,
    answered_by: answeredBy,
    model: answer.model,
  }
  const saved = await deps.saveResult(job, event, { ...found, imageSha256: photo.sha256, modelCall })
  if (!saved) throw new LeaseLostError('The lease was lost before the result was saved')
  return { result: { job_id: job.jobId, ...found, analyzed_at: saved.analyzedAt.toISOString() }, photo }
}

function toFeedbackInput(seen: Classification): FeedbackInput['classification'] {
  if (!seen.is_waste) return { is_waste: false }
  const { category, conditions, confidence } = seen
  const item_name = { ko: seen.item_name_ko, en: seen.item_name_en }
  return { is_waste: true, category, conditions, confidence, item_name }
}

/** To what the column keeps, a float of 32 bits: the answer is the same wherever it is read from. */
const roundConfidence = (confidence: number) => Math.round(confidence * 10_000) / 10_000
