import { and, eq, sql } from 'drizzle-orm'
import type { Outbox } from '../../_lib/messaging/outbox.pg.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { analysisSteps } from '../analysis-step.ts'
import type { FailureReason } from '../job/failure-reasons.ts'
import { queueJob } from '../job/statements/queue-job.pg.ts'
import { jobs } from '../schema.ts'
import type { UploadCompleteDeps } from './upload-complete.ts'

export function createJobFinder(database: Database): UploadCompleteDeps['findJob'] {
  return async (jobId, ownerId) => {
    const [job] = await database.run((db) =>
      db
        .select({
          jobId: jobs.jobId,
          ownerId: jobs.ownerId,
          state: jobs.state,
          failureReason: jobs.failureReason,
          contentType: jobs.contentType,
          contentLengthBytes: jobs.contentLength,
          objectKey: jobs.objectKey,
          eventId: jobs.eventId,
        })
        .from(jobs)
        .where(and(eq(jobs.jobId, jobId), eq(jobs.ownerId, ownerId))),
    )
    return job && { ...job, failureReason: job.failureReason as FailureReason | null }
  }
}

/** With `commandedMax` jobs queued or in work, further ones are held: an admitted job is never refused here. */
export function createJobQueuer(
  database: Database,
  outbox: Outbox,
  commandedMax: number,
): UploadCompleteDeps['queueJob'] {
  return (jobId, event, variant) =>
    database.transaction(async (tx) => {
      if (!(await queueJob(tx, jobId, variant === 'stages' ? analysisSteps[0] : null))) return undefined
      // This job is one of them.
      const { rows } = await tx.execute(sql`
        select from waste.jobs where state in ('queued', 'processing') offset ${commandedMax} limit 1`)
      if (rows.length > 0) return 'held'
      await outbox.append(tx, event)
      return 'appended'
    })
}
