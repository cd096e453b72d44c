import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import { startOfDay } from '../../moment.pg.ts'
import type { CategoryCounts, DayCounts } from './counts.ts'
import type { StatsDeps } from './stats.ts'

type Row = (DayCounts & { category: null }) | (CategoryCounts & { day: null })

/** Creates the query that reads the counts of a person by day and by category. */
export function createCountsReader(database: Database): StatsDeps['readCounts'] {
  return async (userId) => {
    const { rows } = await database.run((db) => db.execute<Row>(countsStatement(userId)))
    const days: DayCounts[] = []
    const categories: CategoryCounts[] = []
    for (const { day, category, analyses, recyclable } of rows) {
      if (day !== null) days.push({ day, analyses, recyclable })
      else if (category !== null) categories.push({ category, analyses, recyclable })
    }
    return { days, categories }
  }
}

/**
 * Reads the prepared counts of every day that has not changed since it was counted, and the results of the other days. One
 * statement has one snapshot, so a concurrent aggregation neither doubles nor loses a day.
 */
export function countsStatement(userId: string): SQL {
  return sql`
    with changed as materialized (
      select day from waste.changed_days_v1 last_change
      where user_id = ${userId} and not exists (
        select from users.counted_days counted
        where counted.user_id = ${userId} and counted.day = last_change.day
          and counted.counted_in = last_change.changed_in
      )
    ), merged as (
      select day, category, analyses, recyclable from users.daily_counts
      where user_id = ${userId} and day not in (select day from changed)
      union all
      select changed.day, found.category, 1, found.recyclable::integer
      from changed
      -- "offset 0" makes the planner look up each day by the index, however many days it expects.
      cross join lateral (
        select category, recyclable from waste.completed_analyses_v1
        where user_id = ${userId} and analyzed_at >= ${startOfDay(sql`changed.day`)}
          and analyzed_at < ${startOfDay(sql`changed.day + 1`)}
        offset 0
      ) found
    )
    select day::text as day, category, sum(analyses)::integer as analyses, sum(recyclable)::integer as recyclable
    from merged group by grouping sets ((day), (category))`
}
