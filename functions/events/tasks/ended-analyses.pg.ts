import { sql } from 'drizzle-orm'
import type { Queries } from '../../_lib/stores/database.pg.ts'

/** One ended analysis, as the figures need it, without its owner. */
export type EndedAnalysis = {
  job_id: string
  /** RFC 3339 to the microsecond, since rows are sorted by it. */
  finished_at: string
  state: 'completed' | 'failed'
  failure_reason: string | null
  answered_by: string | null
  category: string | null
  recyclable: boolean | null
  model_calls: number
  input_tokens: number
  output_tokens: number
  wait_ms: number | null
  total_ms: number | null
  /** Hour of the end in Asia/Seoul, from 0 to 23. */
  hour: number
  /** Whether it is the person's first analysis of that day. */
  first_of_day: boolean
}

export type AnalysisPosition = Pick<EndedAnalysis, 'finished_at' | 'job_id'>

/** Reads up to `rowsMax` analyses that ended on `day` (Asia/Seoul) after the position `after`, sorted by end and id. */
export async function readEndedAnalyses(
  tx: Queries,
  { day, after, rowsMax }: { day: string; after: AnalysisPosition | undefined; rowsMax: number },
): Promise<EndedAnalysis[]> {
  const startOf = (days: number) => sql`((${day}::date + ${days}::integer)::timestamp at time zone 'Asia/Seoul')`
  // Unqualified, `finished_at` would be the formatted text of the select list.
  const behind = after
    ? sql`(ended.finished_at, ended.job_id) > (${after.finished_at}::timestamptz, ${after.job_id}::uuid)`
    : sql`true`
  const { rows } = await tx.execute<EndedAnalysis>(sql`
    select job_id, to_char(ended.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as finished_at,
      state, failure_reason, answered_by, category, recyclable, model_calls,
      input_tokens::double precision as input_tokens, output_tokens::double precision as output_tokens,
      round(extract(epoch from first_called_at - queued_at) * 1000)::double precision as wait_ms,
      round(extract(epoch from ended.finished_at - queued_at) * 1000)::double precision as total_ms,
      extract(hour from ended.finished_at at time zone 'Asia/Seoul')::integer as hour, first_of_day
    from waste.ended_analyses_v1 as ended
    where ended.finished_at >= ${startOf(0)} and ended.finished_at < ${startOf(1)}
      and ${behind}
    order by ended.finished_at, ended.job_id
    limit ${rowsMax}::integer`)
  return rows
}
