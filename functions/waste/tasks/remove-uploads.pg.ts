import { sql } from 'drizzle-orm'
import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import { countRows } from '../../_lib/stores/count-rows.pg.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import type { ObjectSweeper } from '../../_lib/stores/s3/object-sweeper.s3.ts'
import { markUploadsRemoved } from '../job/statements/mark-uploads-removed.pg.ts'
import { preparedKeyOf } from '../prepared-key.ts'

export type UploadRemoverDeps = {
  database: Database
  removeAll: ObjectSweeper['removeAll']
  jobsAtOnce?: number
}

const jobsAtOnceDefault = 50
const expired = sql`upload_removed_at is null and finished_at < now() - interval '1 day'`

/**
 * Removes every version of uploads of jobs that ended over a day ago. The worker only adds a delete marker on a versioned
 * bucket, and may fail to do so. The jobs are marked after the objects are gone, so a crash repeats the removal and never
 * skips it.
 */
export function createUploadRemover(deps: UploadRemoverDeps): CleanupStep {
  const { database, removeAll, jobsAtOnce = jobsAtOnceDefault } = deps
  const name = 'uploads'
  return {
    name,
    run: async (_from, dryRun) => {
      if (dryRun) {
        return {
          removed: { [name]: await countRows(database, sql`from waste.jobs where ${expired}`) },
          next: undefined,
        }
      }
      return database.transaction(async (tx) => {
        const { rows } = await tx.execute<{ job_id: string; object_key: string }>(sql`
          select job_id, object_key from waste.jobs where ${expired}
          order by finished_at limit ${jobsAtOnce} for update skip locked`)
        if (rows.length > 0) {
          await removeAll(rows.flatMap(({ object_key: key }) => [key, preparedKeyOf(key)]))
          await markUploadsRemoved(
            tx,
            rows.map((row) => row.job_id),
          )
        }
        return { removed: { [name]: rows.length }, next: rows.length < jobsAtOnce ? undefined : 'more' }
      })
    },
  }
}
