import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { startOfDay } from '../moment.pg.ts'
import type { AggregateDailyDeps } from './aggregate-daily.ts'

const daysAtOnceMax = 500
const pauseSecondsDefault = 60

type Mark = { changed_in: string; user_id: string; day: string }

/**
 * Creates the transaction that counts the next changed days and moves the mark. Once everything is counted, further calls do
 * nothing for `pauseSeconds`, by the clock of the database.
 */
export function createBatchAggregator(
  database: Database,
  options: { daysMax?: number; pauseSeconds?: number } = {},
): AggregateDailyDeps['aggregateBatch'] {
  const { daysMax = daysAtOnceMax, pauseSeconds = pauseSecondsDefault } = options
  return () =>
    database.transaction(async (tx) => {
      // A mark ahead of all transactions comes from a backup of another server: then everything is counted again.
      const claimed = await tx.execute<Mark>(sql`
        select user_id, day::text as day,
          case when changed_in < pg_snapshot_xmax(pg_current_snapshot()) then changed_in else '0' end::text as changed_in
        from users.aggregation where due_at <= now() for update skip locked`)
      const mark = claimed.rows[0]
      if (!mark) return { days: 0, more: false }
      const counted = await tx.execute<{ days: number }>(countStatement(mark, { daysMax, pauseSeconds }))
      const days = counted.rows[0]?.days ?? 0
      return { days, more: days === daysMax }
    })
}

/**
 * The statement that counts a batch. It is one statement, so that the counts of a day and the change that they include have one
 * snapshot. It takes changes in the order of their transactions, and only those before the oldest open one, so that a result that is
 * committed late is not skipped.
 */
export function countStatement(mark: Mark, bounds: { daysMax: number; pauseSeconds: number }): SQL {
  return sql`
    with batch as materialized (
      select changed_in, user_id, day from waste.changed_days_v1
      where (changed_in, user_id, day) > (${mark.changed_in}::xid8, ${mark.user_id}::uuid, ${mark.day}::date)
        and changed_in < pg_snapshot_xmin(pg_current_snapshot())
      order by changed_in, user_id, day
      limit ${bounds.daysMax}::integer
    ), counts as materialized (
      select batch.user_id, batch.day, found.category, count(*)::integer as analyses,
        (count(*) filter (where found.recyclable))::integer as recyclable
      from batch
      cross join lateral (
        select category, recyclable from waste.completed_analyses_v1 analysis
        where analysis.user_id = batch.user_id
          and analysis.analyzed_at >= ${startOfDay(sql`batch.day`)}
          and analysis.analyzed_at < ${startOfDay(sql`batch.day + 1`)}
        offset 0
      ) found
      group by 1, 2, 3
    ), written as (
      insert into users.daily_counts as kept (user_id, day, category, analyses, recyclable)
      select user_id, day, category, analyses, recyclable from counts
      on conflict (user_id, day, category)
        do update set analyses = excluded.analyses, recyclable = excluded.recyclable
        where (kept.analyses, kept.recyclable) <> (excluded.analyses, excluded.recyclable)
    ), removed as (
      delete from users.daily_counts kept using batch
      where kept.user_id = batch.user_id and kept.day = batch.day and not exists (
        select from counts
        where counts.user_id = kept.user_id and counts.day = kept.day and counts.category = kept.category
      )
    ), noted as (
      insert into users.counted_days (user_id, day, counted_in)
      select user_id, day, changed_in from batch
      on conflict (user_id, day) do update set counted_in = excluded.counted_in
    ), last as (
      select changed_in, user_id, day from batch order by changed_in desc, user_id desc, day desc limit 1
    ), moved as (
      update users.aggregation mark
      set changed_in = coalesce(last.changed_in, ${mark.changed_in}::xid8),
        user_id = coalesce(last.user_id, mark.user_id),
        day = coalesce(last.day, mark.day),
        due_at = case when ended then now() + make_interval(secs => ${bounds.pauseSeconds}) else mark.due_at end
      from (select count(*) < ${bounds.daysMax}::integer as ended from batch) progress left join last on true
    )
    select count(*)::integer as days from batch`
}
