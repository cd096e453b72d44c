import { type SQL, sql } from 'drizzle-orm'
import type { BatchTask } from '../../_contracts/events/batch-range.v1.ts'
import type { Queries } from '../../_lib/stores/database.pg.ts'

/** One step of one period; `fence` is the fencing token of the period. */
export type PeriodStep = { task: BatchTask; period: string; fence: number }

const failuresKept = 20

/** The predicate that selects the row of a period. */
export const keyOf = ({ task, period }: Pick<PeriodStep, 'task' | 'period'>): SQL =>
  sql`task = ${task} and period = ${period}::date`

/** A `date[]` parameter of days in ISO 8601. */
export const dateArray = (days: readonly string[]): SQL => sql`${`{${days.join(',')}}`}::date[]`

/** Ends a period, and each of its runs that has no unfinished period left. The caller holds the lock of the chain. */
export async function endPeriod(
  tx: Queries,
  period: Pick<PeriodStep, 'task' | 'period'> & { run_ids: readonly string[] },
  end: { failed: string } | { rows: number },
): Promise<void> {
  const failed = 'failed' in end
  await tx.execute(sql`
    update events.batch_periods
    set state = ${failed ? 'failed' : 'done'}, fence = fence + 1, position = null, partial = null, run_ids = '{}',
      rows_read = rows_read + ${failed ? 0 : end.rows}, resumes = 0, last_error = ${failed ? end.failed : null},
      updated_at = clock_timestamp(), ended_at = clock_timestamp()
    where ${keyOf(period)}`)
  const failure = JSON.stringify([{ period: period.period, reason: failed ? end.failed : '' }])
  await tx.execute(sql`
    update events.batch_runs
    set done = done + ${failed ? 0 : 1}, failed = failed + ${failed ? 1 : 0},
      failures = case when ${failed} and jsonb_array_length(failures) < ${failuresKept}
        then failures || ${failure}::jsonb else failures end,
      ended_at = case when done + failed + 1 = periods then clock_timestamp() end
    where run_id = any(${`{${period.run_ids.join(',')}}`}::uuid[])`)
}

/** Locks the chain and claims the next period; resolves to its first step, or to none. */
export async function startNext(tx: Queries): Promise<PeriodStep[]> {
  await lockChain(tx)
  return claimNext(tx)
}

/**
 * Serializes the end of a period with the planning of another until the transaction ends: otherwise each could miss the other's
 * row, and nothing would claim the waiting period.
 */
export async function lockChain(tx: Queries): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('events.batch_periods', 0))`)
}

/**
 * Claims the latest waiting period, days before weeks, so that a backfill of a year does not delay yesterday. A week waits until
 * its days are counted.
 */
export async function claimNext(tx: Queries): Promise<PeriodStep[]> {
  const { rows } = await tx.execute<PeriodStep>(sql`
    update events.batch_periods as claimed
    set state = 'running', fence = fence + 1, resumes = 0, updated_at = clock_timestamp()
    where (task, period) = (
      select task, period from events.batch_periods as next
      where state = 'waiting' and (task = 'analytics.daily' or not exists (
        select from events.batch_periods as day
        where day.task = 'analytics.daily' and day.state in ('waiting', 'running')
          and day.period between next.period and next.period + 6))
      order by task, period desc limit 1 for update skip locked
    )
    returning task, period::text as period, fence`)
  return rows
}
