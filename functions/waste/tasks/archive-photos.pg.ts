import { sql } from 'drizzle-orm'
import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import { countRows } from '../../_lib/stores/count-rows.pg.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'

const batchRowsDefault = 1_000
const expired = sql`photo_key is not null and photo_archived_at is null and analyzed_at < now() - interval '30 days'`

/** Marks the photos of results older than 30 days as archived: the lifecycle rule of the bucket moves them. */
export function createPhotoArchiver(database: Database, options: { batchRows?: number } = {}): CleanupStep {
  const { batchRows = batchRowsDefault } = options
  const name = 'photos_archived'
  return {
    name,
    run: async (_from, dryRun) => {
      if (dryRun) {
        return {
          removed: { [name]: await countRows(database, sql`from waste.results where ${expired}`) },
          next: undefined,
        }
      }
      const { rowCount } = await database.run((db) =>
        db.execute(sql`
          update waste.results set photo_archived_at = now() where job_id in (
            select job_id from waste.results where ${expired}
            order by analyzed_at limit ${batchRows} for update skip locked)`),
      )
      const noted = rowCount ?? 0
      return { removed: { [name]: noted }, next: noted < batchRows ? undefined : 'more' }
    },
  }
}
