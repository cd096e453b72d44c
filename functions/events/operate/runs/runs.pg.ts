import { type SQL, sql } from 'drizzle-orm'
import type { BatchTask } from '../../../_contracts/events/batch-range.v1.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'

/** A run with its running periods. Times are RFC 3339, UTC. */
export type RunRow = {
  run_id: string
  task: BatchTask
  from: string
  to: string
  again: boolean
  ordered_by: string
  periods: number
  done: number
  failed: number
  failures: { period: string; reason: string }[]
  ordered_at: string
  ended_at: string | null
  at_work: PeriodAtWork[]
}

export type PeriodAtWork = {
  period: string
  rows_read: number
  /** Share of the day that the rows read so far cover, from 0 to 1. */
  covered: number
  last_error: string | null
  moved_at: string
}

export type RunFilter = { task?: BatchTask | undefined }

const rfc3339 = (column: SQL) => sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

const listed = sql`
  select run_id, task, first_day::text as "from", last_day::text as "to", again, ordered_by, periods, done, failed,
    failures, ${rfc3339(sql`ordered_at`)} as ordered_at, ${rfc3339(sql`ended_at`)} as ended_at, at_work
  from events.batch_runs as run
  cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object(
      'period', period,
      'rows_read', rows_read,
      'covered', coalesce(extract(epoch from (position ->> 'finished_at')::timestamptz
        - period::timestamp at time zone 'Asia/Seoul') / 86400, 0),
      'last_error', last_error,
      'moved_at', ${rfc3339(sql`updated_at`)}
    ) order by period), '[]') as at_work
    from events.batch_periods as open
    where open.task = run.task and open.state = 'running' and run.run_id = any(open.run_ids)
  ) as working`

/** Returns a function that finds runs older than the run `before`, newest first. */
export function createRunsFinder(database: Database) {
  return async ({ task }: RunFilter, before: string | undefined, limit: number): Promise<RunRow[]> => {
    const behind = before
      ? sql`(ordered_at, run_id) < (select ordered_at, run_id from events.batch_runs where run_id = ${before}::uuid)`
      : sql`true`
    const { rows } = await database.run((db) =>
      db.execute<RunRow>(sql`
        ${listed} where ${task ? sql`task = ${task}` : sql`true`} and ${behind}
        order by run.ordered_at desc, run.run_id desc limit ${limit}`),
    )
    return rows
  }
}

/** Returns a function that reads one run; undefined when there is none. */
export function createRunReader(database: Database) {
  return async (runId: string): Promise<RunRow | undefined> => {
    const { rows } = await database.run((db) => db.execute<RunRow>(sql`${listed} where run_id = ${runId}::uuid`))
    return rows[0]
  }
}
