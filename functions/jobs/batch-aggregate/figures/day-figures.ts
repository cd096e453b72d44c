import type { EndedAnalysis } from '../../../events/tasks/ended-analyses.pg.ts'
import { type Histogram, observe, type Percentiles, percentilesOf } from './histogram.ts'

export type CategoryCount = { analyses: number; recyclable: number }

/** The counts of a day so far. Their size does not depend on the number of rows. */
export type DayCounts = {
  analyses: number
  completed: number
  failed_by_reason: Record<string, number>
  answered_by: Record<string, number>
  by_category: Record<string, CategoryCount>
  /** 24 counts, by the hour in Asia/Seoul in which the analysis ended. */
  by_hour: number[]
  /** Distinct people of the day. */
  people: number
  model_calls: number
  input_tokens: number
  output_tokens: number
  /** From queueing to the first call of the model, for analyses that needed one. */
  wait_ms: Histogram
  /** From queueing to the end. */
  total_ms: Histogram
}

export type DayFigures = DayCounts & {
  failed: number
  recyclable: number
  /** Share of the completed analyses, from 0 to 1; null when there are none. */
  recyclable_share: number | null
  wait: Percentiles
  total: Percentiles
}

/** The counts of a day before its first row. */
export const emptyDay = (): DayCounts => ({
  analyses: 0,
  completed: 0,
  failed_by_reason: {},
  answered_by: {},
  by_category: {},
  by_hour: Array.from({ length: 24 }, () => 0),
  people: 0,
  model_calls: 0,
  input_tokens: 0,
  output_tokens: 0,
  wait_ms: {},
  total_ms: {},
})

/** Adds one analysis to `counts`, which it changes. */
export function addAnalysis(counts: DayCounts, analysis: EndedAnalysis): void {
  counts.analyses += 1
  counts.by_hour[analysis.hour] = (counts.by_hour[analysis.hour] ?? 0) + 1
  if (analysis.first_of_day) counts.people += 1
  counts.model_calls += analysis.model_calls
  counts.input_tokens += analysis.input_tokens
  counts.output_tokens += analysis.output_tokens
  if (analysis.wait_ms !== null) observe(counts.wait_ms, analysis.wait_ms)
  if (analysis.total_ms !== null) observe(counts.total_ms, analysis.total_ms)
  if (analysis.state === 'failed') {
    increment(counts.failed_by_reason, analysis.failure_reason ?? 'unknown')
    return
  }
  counts.completed += 1
  increment(counts.answered_by, analysis.answered_by ?? 'unknown')
  const category = analysis.category ?? 'unknown'
  const counted = counts.by_category[category] ?? { analyses: 0, recyclable: 0 }
  counted.analyses += 1
  if (analysis.recyclable) counted.recyclable += 1
  counts.by_category[category] = counted
}

/** Derives the figures of a day from its complete counts. */
export function closeDay(counts: DayCounts): DayFigures {
  const recyclable = Object.values(counts.by_category).reduce((sum, category) => sum + category.recyclable, 0)
  return {
    ...counts,
    failed: counts.analyses - counts.completed,
    recyclable,
    recyclable_share: shareOf(recyclable, counts.completed),
    wait: percentilesOf(counts.wait_ms),
    total: percentilesOf(counts.total_ms),
  }
}

/** The share `part / whole`, rounded to a tenth of a per cent; null when `whole` is 0. */
export const shareOf = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.round((part / whole) * 1000) / 1000

function increment(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
