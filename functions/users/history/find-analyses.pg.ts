import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { rfc3339, startOfDay } from '../moment.pg.ts'
import { analyzedAtUs, isBeyond, newestFirst } from '../position.pg.ts'
import type { HistoryDeps, HistoryItem } from './history.ts'

type Row = HistoryItem & { analyzed_at_us: string }

/** Creates the query of a history page, on the view that the waste domain publishes. */
export function createAnalysesFinder(database: Database): HistoryDeps['findAnalyses'] {
  return async (userId, query, limit) => {
    const { rows } = await database.run((db) => db.execute<Row>(historyStatement(userId, query, limit)))
    return rows.map(({ analyzed_at_us, ...item }) => ({
      item,
      position: { analyzedAtUs: analyzed_at_us, jobId: item.job_id },
    }))
  }
}

/** The statement of a history page; exported for the test of its query plan. */
export function historyStatement(...[userId, query, limit]: Parameters<HistoryDeps['findAnalyses']>): SQL {
  const { cursor, category, recyclable, from, to } = query
  const conditions = [
    sql`user_id = ${userId}`,
    cursor && isBeyond(cursor),
    category !== undefined && sql`category = ${category}`,
    recyclable !== undefined && sql`recyclable = ${recyclable}`,
    from !== undefined && sql`analyzed_at >= ${startOfDay(sql`${from}`)}`,
    to !== undefined && sql`analyzed_at < ${startOfDay(sql`${to}::date + 1`)}`,
  ].filter((condition): condition is SQL => typeof condition === 'object')
  return sql`
    select job_id, waste_type, category, moved_to, recyclable, confidence, item_name, feedback,
      ${rfc3339(sql`analyzed_at`)} as analyzed_at,
      ${analyzedAtUs} as analyzed_at_us
    from waste.completed_analyses_v1 analysis
    where ${sql.join(conditions, sql` and `)}
    order by ${newestFirst}
    limit ${limit}`
}
