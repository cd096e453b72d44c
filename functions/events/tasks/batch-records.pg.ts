import { sql } from 'drizzle-orm'
import type { Queries } from '../../_lib/stores/database.pg.ts'
import { type AnalysisPosition, type EndedAnalysis, readEndedAnalyses } from './ended-analyses.pg.ts'

export type ReportRecord = {
  week: string
  /** Key of the object with the figures; `sha256` is its hash. */
  objectKey: string
  sha256: string
  objects: readonly { key: string; sha256: string; bytes: number; content_type: string }[]
  figures: unknown
}

/** The reads and writes of a step, all in the transaction of its checkpoint. */
export type BatchRecords = {
  readAnalyses: (page: {
    day: string
    after: AnalysisPosition | undefined
    rowsMax: number
  }) => Promise<EndedAnalysis[]>
  /** Replaces the figures of a day. */
  writeDay: (day: string, figures: unknown) => Promise<void>
  /** Returns the counted days from `first` to `last`, and those whose count failed. */
  readDays: (first: string, last: string) => Promise<{ days: { day: string; figures: unknown }[]; failed: string[] }>
  /** Replaces the report of a week. */
  writeReport: (report: ReportRecord) => Promise<void>
}

/** Creates the reads and writes of a step in the transaction `tx`. */
export const createBatchRecords = (tx: Queries): BatchRecords => ({
  readAnalyses: (page) => readEndedAnalyses(tx, page),
  writeDay: async (day, figures) => {
    await tx.execute(sql`
      insert into events.analytics_days (day, figures) values (${day}, ${JSON.stringify(figures)}::jsonb)
      on conflict (day) do update set figures = excluded.figures, counted_at = now()`)
  },
  readDays: async (first, last) => {
    const { rows } = await tx.execute<{ day: string; figures: unknown; failed: boolean }>(sql`
      select coalesce(day, period)::text as day, figures, coalesce(state = 'failed', false) as failed
      from (select period, state from events.batch_periods where task = 'analytics.daily') as counted
      full join events.analytics_days on day = period
      where coalesce(day, period) between ${first}::date and ${last}::date
      order by 1`)
    return {
      days: rows.filter(({ figures }) => figures !== null).map(({ day, figures }) => ({ day, figures })),
      failed: rows.filter(({ failed }) => failed).map(({ day }) => day),
    }
  },
  writeReport: async ({ week, objectKey, sha256, objects, figures }) => {
    await tx.execute(sql`
      insert into events.reports (week, object_key, sha256, objects, figures)
      values (${week}, ${objectKey}, ${sha256}, ${JSON.stringify(objects)}::jsonb, ${JSON.stringify(figures)}::jsonb)
      on conflict (week) do update set object_key = excluded.object_key, sha256 = excluded.sha256,
        objects = excluded.objects, figures = excluded.figures, written_at = now()`)
  },
})
