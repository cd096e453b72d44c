import { type SQL, sql } from 'drizzle-orm'
import type { BatchTask } from '../../_contracts/events/batch-range.v1.ts'
import { RejectedEventError } from '../../_lib/http/errors.ts'
import type { Queries } from '../../_lib/stores/database.pg.ts'
import { dateArray } from './batch-chain.pg.ts'

/** A range of periods that an event asks for, all of them or only those that are missing. */
export type RunRequest = {
  task: BatchTask
  firstDay: string
  lastDay: string
  periods: readonly string[]
  again: boolean
  runId: string
  /** Records a run even when there is nothing to do, for a client that follows it. */
  followed: boolean
}

/**
 * Marks the periods of a request as waiting: missing and failed ones, and with `again` all of them. A running one then starts
 * over, since it has already passed the rows that came late. Sorted by key, so that two requests cannot deadlock.
 *
 * @returns The number of planned periods.
 */
export async function planPeriods(tx: Queries, { task, periods, again, runId }: RunRequest): Promise<number> {
  const startsOver = again ? sql`true` : sql`kept.state = 'failed'`
  const keep = (column: SQL, value: SQL) =>
    sql`${column} = case when ${startsOver} then ${value} else kept.${column} end`
  const { rowCount } = await tx.execute(sql`
    insert into events.batch_periods as kept (task, period, state, run_ids)
    select ${task}, period, 'waiting', array[${runId}::uuid] from unnest(${dateArray(periods)}) as period order by period
    on conflict (task, period) do update set
      run_ids = kept.run_ids || excluded.run_ids,
      ${sql.join(
        [
          keep(sql`state`, sql`'waiting'`),
          keep(sql`fence`, sql`kept.fence + 1`),
          keep(sql`position`, sql`null`),
          keep(sql`partial`, sql`null`),
          keep(sql`rows_read`, sql`0`),
          keep(sql`resumes`, sql`0`),
          keep(sql`last_error`, sql`null`),
          keep(sql`ended_at`, sql`null`),
        ],
        sql`, `,
      )},
      updated_at = clock_timestamp()
    where ${again} or kept.state <> 'done'`)
  return rowCount ?? 0
}

/** Records a run. Throws `RejectedEventError` when another request has taken its id. */
export async function insertRun(tx: Queries, request: RunRequest, planned: number, orderedBy: string): Promise<void> {
  const { rowCount } = await tx.execute(sql`
    insert into events.batch_runs (run_id, task, first_day, last_day, again, ordered_by, periods, ended_at)
    values (${request.runId}, ${request.task}, ${request.firstDay}, ${request.lastDay}, ${request.again}, ${orderedBy}, ${planned},
      ${planned === 0 ? sql`now()` : sql`null`})
    on conflict (run_id) do nothing`)
  if (rowCount === 0) throw new RejectedEventError('run_id_taken', 'Another run has the same "run_id"')
}
