import { sql } from 'drizzle-orm'
import { aiImageAnalyzeV1 } from '../../_contracts/ai-image-analyze.v1.ts'
import type { Database } from '../../_lib/database.pg.ts'
import { createEvent } from '../../_lib/event-contract.ts'
import type { Outbox } from '../../_lib/outbox.pg.ts'
import type { FailureReason } from '../job.ts'
import { type JobSnapshot, snapshotAt } from '../job-snapshot.ts'

export type RedriveJobsDeps = {
  database: Database
  outbox: Outbox
  publishSnapshot: (snapshot: JobSnapshot) => Promise<void>
  now: () => Date
}

export type RedriveReport = { redriven: number; failed: number; more: boolean }

export const redrivesMax = 5
const jobsAtOnceMax = 200

type QuietJob = {
  job_id: string
  owner_id: string
  event_id: string
  traceparent: string
  verdict: FailureReason | 'redrive'
}

/**
 * Finds jobs that have gone quiet: an upload that never came, a worker that died, an event that was lost. Has their event
 * sent again, and ends a job that has had its chances. Any number may run at once.
 */
export async function redriveJobs(deps: RedriveJobsDeps): Promise<RedriveReport> {
  const failed: JobSnapshot[] = []
  const quiet = await deps.database.transaction(async (tx) => {
    const { rows } = await tx.execute<QuietJob>(sql`
      select job_id, owner_id, event_id, traceparent,
        case
          when state = 'created' then 'upload_expired'
          when queued_at < now() - interval '15 minutes' then 'model_unavailable'
          when redrives >= ${redrivesMax} then 'analysis_stalled'
          else 'redrive'
        end as verdict
      from waste.jobs
      where (state = 'created' and upload_expires_at < now() - interval '1 minute')
        or (state = 'processing' and lease_until < now())
        -- Longer each time: a job may only be waiting for its turn behind many others.
        or (state = 'queued' and updated_at < now() - make_interval(mins => redrives + 1))
      order by updated_at
      limit ${jobsAtOnceMax}
      for update skip locked`)
    for (const job of rows) {
      if (job.verdict === 'redrive') {
        await tx.execute(sql`
          update waste.jobs
          set state = 'queued', stage = 'queued', progress = 0, lease_until = null, redrives = redrives + 1, updated_at = now()
          where job_id = ${job.job_id}`)
        const header = { id: job.event_id, source: '/growbin/waste-upload-complete', subject: job.job_id }
        const { traceparent } = job
        await deps.outbox.append(
          tx,
          createEvent(aiImageAnalyzeV1, { ...header, time: deps.now(), traceparent }, { job_id: job.job_id }),
          0,
        )
      } else {
        await tx.execute(sql`
          update waste.jobs
          set state = 'failed', stage = 'failed', progress = -1, failure_reason = ${job.verdict}, lease_until = null,
            latitude = null, longitude = null, finished_at = now(), updated_at = now()
          where job_id = ${job.job_id}`)
        failed.push(
          snapshotAt({ jobId: job.job_id, ownerId: job.owner_id, state: 'failed' }, 'failed', deps.now(), {
            failureReason: job.verdict,
          }),
        )
      }
    }
    return rows
  })
  await Promise.all(failed.map(deps.publishSnapshot))
  return { redriven: quiet.length - failed.length, failed: failed.length, more: quiet.length === jobsAtOnceMax }
}
