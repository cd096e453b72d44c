import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import { rfc3339 } from '../../moment.pg.ts'
import { analyzedAtUs, isBeyond, newestFirst } from '../../position.pg.ts'
import type { Position } from '../../position.ts'
import type { ExportDeps } from './export-person.ts'

type Row = { json: string; job_id: string; analyzed_at_us: string }

const analysesAtOnceMax = 1_000

/** Creates the query of a page of the export. PostgreSQL formats the JSON, since nothing here reads it. */
export function createAnalysesReader(
  database: Database,
  analysesMax: number = analysesAtOnceMax,
): ExportDeps['readAnalyses'] {
  return async (userId, after) => {
    const { rows } = await database.run((db) => db.execute<Row>(exportStatement(userId, after, analysesMax)))
    const last = rows.length === analysesMax ? rows.at(-1) : undefined
    return {
      jsonObjects: rows.map(({ json }) => json).join(','),
      next: last && { analyzedAtUs: last.analyzed_at_us, jobId: last.job_id },
    }
  }
}

/** The statement of a page of the export. It selects the rows first, since formatting JSON costs more than reading them. */
export function exportStatement(userId: string, after: Position | undefined, analysesMax: number): SQL {
  return sql`
    select job_id, ${analyzedAtUs} as analyzed_at_us,
      json_build_object(
        'job_id', job_id, 'waste_type', waste_type, 'category', category, 'moved_to', moved_to,
        'recyclable', recyclable, 'confidence', confidence, 'item_name', item_name, 'feedback', feedback,
        'analyzed_at', ${rfc3339(sql`analyzed_at`)}
      )::text as json
    from (
      select * from waste.completed_analyses_v1 analysis
      where user_id = ${userId} ${after ? sql`and ${isBeyond(after)}` : sql``}
      order by ${newestFirst}
      limit ${analysesMax}
    ) analysis
    order by ${newestFirst}`
}
