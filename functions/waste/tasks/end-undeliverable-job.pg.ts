import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/database.pg.ts'
import { type JobSnapshot, snapshotAt } from '../job-snapshot.ts'
import { endAsFailed } from './end-as-failed.pg.ts'
import { redrivesMax } from './quiet-jobs.pg.ts'

/** An order of an analysis, or of a step of one, that the broker gave up: the extension `redrives` says which one. */
export type UndeliverableOrder = { jobId: string; eventId: string; redrives: string | undefined }

/**
 * Ends the job when the order was the redriver's last one, is the latest of the job, and no worker has the job: nothing would
 * ever order it again. Every other job is left to the redriver, which orders again or ends it by itself.
 */
export function createUndeliverableJobEnder(deps: { database: Database; now: () => Date }) {
  return ({ jobId, eventId, redrives }: UndeliverableOrder): Promise<JobSnapshot | undefined> =>
    deps.database.transaction(async (tx) => {
      const { rows } = await tx.execute<{ owner_id: string }>(sql`
        select owner_id from waste.jobs as jobs
        where job_id = ${jobId} and state = 'queued'
          and ${eventId} = coalesce(
            (select reply ->> 'id' from waste.step_outputs where step_outputs.job_id = jobs.job_id and next_step = jobs.step),
            event_id::text)
          and redrives >= ${redrivesMax} and redrives::text = ${redrives ?? ''}
        for update`)
      const [job] = rows
      // A statement of its own: under the lock it sees what a worker that gave the job back has just ordered.
      if (!job || !(await isLatestOrder())) return undefined
      await endAsFailed(tx, jobId, 'analysis_stalled')
      const ended = { jobId, ownerId: job.owner_id, state: 'failed' } as const
      return snapshotAt(ended, 'failed', deps.now(), { failureReason: 'analysis_stalled' })

      async function isLatestOrder(): Promise<boolean> {
        const latest = await tx.execute(sql`
          select from events.outbox
          where event_id = ${eventId} and sent_at is not null and event -> 'extensions' ->> 'redrives' = ${redrives}`)
        return latest.rows.length === 1
      }
    })
}
