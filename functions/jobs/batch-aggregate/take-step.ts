import { createHash } from 'node:crypto'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import type { Logger } from '../../_lib/process/log.ts'
import type { Metrics } from '../../_lib/process/metrics.ts'
import type { PeriodStep } from '../../events/tasks/batch-chain.pg.ts'
import type { Checkpoint, StepOutcome } from '../../events/tasks/batch-outcome.pg.ts'
import type { BatchPeriods } from '../../events/tasks/batch-periods.pg.ts'
import type { BatchRecords } from '../../events/tasks/batch-records.pg.ts'
import type { AnalysisPosition } from '../../events/tasks/ended-analyses.pg.ts'
import { addAnalysis, closeDay, type DayCounts, type DayFigures, emptyDay } from './figures/day-figures.ts'
import { renderReport } from './figures/render-report.ts'
import { sumWeek } from './figures/week-figures.ts'
import { addDays, periodsOf } from './periods.ts'

export type TakeStepDeps = {
  takeStep: BatchPeriods['takeStep']
  writeObject: (key: string, body: Uint8Array, contentType: string) => Promise<void>
  nowMs: () => number
  stepMsMax: number
  pageRowsMax: number
  log: Logger
  metrics: Pick<Metrics, 'count'>
}

/** Takes one step of a day or a week: at most `stepMsMax` milliseconds of work and one page more, from its checkpoint. */
export async function takeStep(deps: TakeStepDeps, event: JsonCloudEvent, step: PeriodStep): Promise<void> {
  const { task, period } = step
  let rows = 0
  const outcome = await deps.takeStep(event, step, async (records, checkpoint) => {
    const taken =
      task === 'analytics.daily'
        ? await countDay(deps, records, period, checkpoint)
        : await report(deps, records, period)
    rows = 'rows' in taken ? taken.rows : 0
    return taken
  })
  deps.metrics.count('batch_steps_total', { task, outcome })
  if (rows > 0) deps.metrics.count('batch_rows_total', { task }, rows)
  deps.log.info('A step of batch work was taken', { task, period, fence: step.fence, outcome, rows })
}

/** Counts the analyses of a day page by page, without keeping rows in memory. */
async function countDay(
  { nowMs, stepMsMax, pageRowsMax }: TakeStepDeps,
  records: BatchRecords,
  day: string,
  checkpoint: Checkpoint | undefined,
): Promise<StepOutcome> {
  const endMs = nowMs() + stepMsMax
  const counts = (checkpoint?.partial as DayCounts | undefined) ?? emptyDay()
  let position = checkpoint?.position as AnalysisPosition | undefined
  let rows = 0
  // At least one page per step, so that a day ends even with very short steps.
  do {
    const page = await records.readAnalyses({ day, after: position, rowsMax: pageRowsMax })
    for (const analysis of page) addAnalysis(counts, analysis)
    rows += page.length
    const last = page.at(-1)
    if (!last || page.length < pageRowsMax) {
      await records.writeDay(day, closeDay(counts))
      return { kind: 'done', rows }
    }
    position = { finished_at: last.finished_at, job_id: last.job_id }
  } while (nowMs() < endMs)
  return { kind: 'more', checkpoint: { position, partial: counts }, rows }
}

/** Writes the report of the week that begins with `monday`, once each of its days is counted. */
async function report(deps: TakeStepDeps, records: BatchRecords, monday: string): Promise<StepOutcome> {
  const sunday = addDays(monday, 6)
  const { days, failed } = await records.readDays(monday, sunday)
  const counted = new Set(days.map(({ day }) => day))
  const missing = periodsOf('analytics.daily', { from: monday, to: sunday }).filter((day) => !counted.has(day))
  if (missing.some((day) => failed.includes(day))) return { kind: 'failed', reason: 'day_not_counted' }
  if (missing.length > 0) return { kind: 'waits', days: missing }

  const figures = sumWeek(monday, days as { day: string; figures: DayFigures }[])
  const objects = renderReport(figures).map(({ key, contentType, body }) => {
    const bytes = new TextEncoder().encode(body)
    return { key, contentType, bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
  })
  // Before the row: after a crash in between, the next attempt writes the same bytes under the same keys.
  await Promise.all(objects.map(({ key, bytes, contentType }) => deps.writeObject(key, bytes, contentType)))
  const [main] = objects
  if (!main) throw new Error('A report has no object')
  await records.writeReport({
    week: monday,
    objectKey: main.key,
    sha256: main.sha256,
    objects: objects.map(({ key, sha256, bytes, contentType }) => ({
      key,
      sha256,
      bytes: bytes.byteLength,
      content_type: contentType,
    })),
    figures,
  })
  return { kind: 'done', rows: days.length }
}
