import { sql } from 'drizzle-orm'
import type { Database } from '../../../_lib/stores/database.pg.ts'

/** Records with the result where its photo is kept. False when no result refers to the photo, since all were deleted. */
export function createPhotoRecorder(database: Database) {
  return async (jobId: string, photoKey: string): Promise<boolean> => {
    const { rows } = await database.run((db) =>
      db.execute<{ referred: boolean }>(sql`
        with recorded as (
          update waste.results set photo_key = ${photoKey} where job_id = ${jobId} returning job_id
        )
        select exists (select from recorded)
          or exists (select from waste.results where photo_key = ${photoKey}) as referred`),
    )
    return rows[0]?.referred ?? false
  }
}
