import { sql } from 'drizzle-orm'
import type { JsonCloudEvent } from '../../_lib/cloud-event.ts'
import type { Database, Queries } from '../../_lib/database.pg.ts'
import type { Outbox } from '../../_lib/outbox.pg.ts'
import type { AnalysisStep } from '../analysis-step.ts'
import type { FailureReason } from '../job.ts'
import { snapshotAt } from '../job-snapshot.ts'
import { orderAnalysis } from '../order-analysis.ts'
import { endAsFailed } from './end-as-failed.pg.ts'
import type { RedriveJobsDeps } from './redrive-jobs.ts'

export const redrivesMax = 5
const jobsAtOnceMax = 200

type QuietJob = {
  job_id: string
  owner_id: string
  event_id: string
  traceparent: string
  redrives: number
  step: AnalysisStep | null
  /** The order of the step that the job is at, once there is a step before it. */
  reply: JsonCloudEvent | null
  verdict: FailureReason | 'redrive'
}

export function createQuietJobsRedriver(deps: {
  database: Database
  outbox: Outbox
  now: () => Date
}): RedriveJobsDeps['redriveQuietJobs'] {
  return () =>
    deps.database.transaction(async (tx) => {
      const quiet = await findQuietJobs(tx)
      const failed = []
      for (const job of quiet) {
        if (job.verdict === 'redrive') {
          await queueAgain(tx, job)
          await deps.outbox.append(tx, orderAgain(job, deps.now()), 0)
        } else {
          await endAsFailed(tx, job.job_id, job.verdict)
          const ended = { jobId: job.job_id, ownerId: job.owner_id, state: 'failed' } as const
          failed.push(snapshotAt(ended, 'failed', deps.now(), { failureReason: job.verdict }))
        }
      }
      return { redriven: quiet.length - failed.length, failed, more: quiet.length === jobsAtOnceMax }
    })
}

async function findQuietJobs(tx: Queries): Promise<QuietJob[]> {
  const { rows } = await tx.execute<QuietJob>(sql`
    select job_id, owner_id, event_id, traceparent, redrives, step,
      (select reply from waste.step_outputs where step_outputs.job_id = jobs.job_id and next_step = jobs.step) as reply,
      case
        when state = 'created' then 'upload_expired'
        when queued_at < now() - interval '15 minutes' then 'model_unavailable'
        when redrives >= ${redrivesMax} then 'analysis_stalled'
        else 'redrive'
      end as verdict
    from waste.jobs as jobs
    where (state = 'created' and upload_expires_at < now() - interval '1 minute')
      or (state = 'processing' and lease_until < now())
      -- Longer each time: a job may only be waiting for its turn behind many others.
      or (state = 'queued' and updated_at < now() - make_interval(mins => redrives + 1))
      -- Between two steps: the reply of the first was lost.
      or (state = 'processing' and lease_until is null and updated_at < now() - make_interval(mins => redrives + 1))
      -- A job that is put off again and again never goes quiet, and must end all the same.
      or (state = 'queued' and queued_at < now() - interval '15 minutes')
    order by updated_at
    limit ${jobsAtOnceMax}
    for update skip locked`)
  return rows
}

/**
 * The order as it was first given: under its own id, so that no consumer can take it for another. `redrives` tells a dead
 * letter of this order from those of earlier ones.
 */
function orderAgain(job: QuietJob, time: Date): JsonCloudEvent {
  const { job_id: jobId, event_id: eventId, traceparent } = job
  const variant = job.step === null ? 'single' : 'stages'
  const event = job.reply ?? orderAnalysis({ variant, jobId, eventId, time, traceparent })
  return { ...event, extensions: { ...event.extensions, redrives: String(job.redrives + 1) } }
}

async function queueAgain(tx: Queries, job: QuietJob): Promise<void> {
  await tx.execute(sql`
    update waste.jobs
    set state = 'queued', stage = 'queued', progress = 0, lease_until = null, redrives = redrives + 1, updated_at = now()
    where job_id = ${job.job_id}`)
}
