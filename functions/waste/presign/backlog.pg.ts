import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { isFresh, isLate } from '../job/late-job.pg.ts'
import { countOpened, countUploading } from '../job/recently-opened.pg.ts'
import type { Backlog } from './admission.ts'

type Row = {
  waiting: number
  late: number
  uploading: number
  opened: number
  oldest_seconds: number
  ended_in_ten_seconds: number
  ended_in_a_minute: number
}

/** Counts jobs in PostgreSQL, which includes those that have no event in the broker yet. All counts read partial indexes. */
export function createBacklogReader(database: Database): () => Promise<Backlog> {
  return async () => {
    const { rows } = await database.run((db) =>
      db.execute<Row>(sql`
        select
          (count(*) filter (where ${isFresh}))::integer as waiting,
          (count(*) filter (where ${isLate}))::integer as late,
          (${countUploading}) as uploading,
          (${countOpened}) as opened,
          coalesce(extract(epoch from now() - min(queued_at) filter (where ${isFresh})), 0)::float8 as oldest_seconds,
          (select count(*) from waste.jobs
            where finished_at > now() - interval '10 seconds' and upload_removed_at is null and queued_at is not null
          )::integer as ended_in_ten_seconds,
          (select count(*) from waste.jobs
            where finished_at > now() - interval '60 seconds' and upload_removed_at is null and queued_at is not null
          )::integer as ended_in_a_minute
        from waste.jobs
        where state in ('queued', 'processing')`),
    )
    const [row] = rows
    if (!row) throw new Error('The count of waiting jobs returned no row')
    return {
      waiting: row.waiting,
      late: row.late,
      uploading: row.uploading,
      opened: row.opened,
      oldestSeconds: row.oldest_seconds,
      endedInTenSeconds: row.ended_in_ten_seconds,
      endedInAMinute: row.ended_in_a_minute,
    }
  }
}
