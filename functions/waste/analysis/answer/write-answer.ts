import type { AnalysisResult } from '../../analysis-result.ts'
import type { AnalysisRun } from '../lease/analysis-run.ts'
import type { Classification } from '../model/classification.ts'
import type { FoundAnswer } from '../photo/look-up-photo.ts'
import { composeFeedback, type FeedbackInput } from './feedback/compose-feedback.ts'
import type { RuleRow } from './feedback/rule-row.ts'
import type { FindNearbyBins } from './nearby-bins.pg.ts'

export type WrittenAnswer = Omit<AnalysisResult, 'job_id' | 'analyzed_at'>

/** Writes the feedback, and finds nearby bins that accept the item. */
export async function writeAnswer(
  deps: { findNearbyBins: FindNearbyBins },
  { job, report }: AnalysisRun,
  { answer, answeredBy }: FoundAnswer,
  rules: readonly RuleRow[],
): Promise<WrittenAnswer> {
  const feedback = composeFeedback({
    classification: toFeedbackInput(answer.classification),
    rules: new Map(rules.map((rule) => [rule.code, rule])),
    locale: job.locale,
  })

  report('save')
  const destination = feedback.moved_to ?? feedback.category
  const nearbyBins =
    job.location && destination !== 'NOT_WASTE' ? await deps.findNearbyBins(destination, job.location) : []
  return {
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
}

function toFeedbackInput(seen: Classification): FeedbackInput['classification'] {
  if (!seen.is_waste) return { is_waste: false }
  const { category, conditions, confidence } = seen
  const item_name = { ko: seen.item_name_ko, en: seen.item_name_en }
  return { is_waste: true, category, conditions, confidence, item_name }
}

/** Rounds to the precision of the column, a 32-bit float, so that all copies of a result are equal. */
const roundConfidence = (confidence: number) => Math.round(confidence * 10_000) / 10_000
