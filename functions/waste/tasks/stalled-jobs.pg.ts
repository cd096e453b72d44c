import { type SQL, sql } from 'drizzle-orm'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import type { Outbox } from '../../_lib/messaging/outbox.pg.ts'
import type { Database, Queries } from '../../_lib/stores/database.pg.ts'
import { createAnalysisCommand } from '../analysis-command.ts'
import type { AnalysisStep } from '../analysis-step.ts'
import type { FailureReason } from '../job/failure-reasons.ts'
import { failedTriesMax, isFresh, isLate } from '../job/late-job.pg.ts'
import { failJobs } from '../job/statements/fail-jobs.pg.ts'
import { redriveJob } from '../job/statements/queue-job.pg.ts'
import { snapshotAt } from '../snapshot/job-snapshot.ts'
import type { RedriveJobsDeps } from './redrive-jobs.ts'

const jobsAtOnceMax = 200
/** A day of outage, and two hours to work off its backlog. */
const givenUpAfter = sql`interval '26 hours'`
/** Limits late jobs in work: with the fresh ones at most 50, but always up to 10. */
const workedAtMax = 50
const lateAtOnceMin = 10

type StalledJob = {
  job_id: string
  owner_id: string
  event_id: string
  traceparent: string
  redrives: number
  step: AnalysisStep | null
  /** The command of the current step; null at the first step. */
  reply: JsonCloudEvent | null
  /** The lease expired. */
  is_lost: boolean
  is_late: boolean
  verdict: FailureReason | 'redrive'
}

/**
 * Publishes the commands of stalled jobs again, and ends jobs with too many failed tries or an age of 26 hours. Commands
 * that no worker received do not count.
 */
export function createStalledJobsRedriver(deps: {
  database: Database
  outbox: Outbox
  now: () => Date
}): RedriveJobsDeps['redriveStalledJobs'] {
  return () =>
    deps.database.transaction(async (tx) => {
      const stalled = await findStalledJobs(tx)
      const late = await findLateJobs(tx)
      const failed = []
      for (const job of [...stalled, ...late]) {
        if (job.verdict === 'redrive') {
          const delaySeconds = await redriveJob(tx, job.job_id, { isLost: job.is_lost, isLate: job.is_late })
          await deps.outbox.append(tx, commandFor(job, deps.now()), delaySeconds)
        } else {
          await failJobs(tx, sql`job_id = ${job.job_id}`, job.verdict)
          const ended = { jobId: job.job_id, ownerId: job.owner_id, state: 'failed' } as const
          failed.push(snapshotAt(ended, 'failed', deps.now(), { failureReason: job.verdict }))
        }
      }
      const redriven = stalled.length + late.length - failed.length
      return { redriven, failed, more: stalled.length === jobsAtOnceMax }
    })
}

const columns = (verdict: SQL) => sql`
  job_id, owner_id, event_id, traceparent, redrives, step,
  (select reply from waste.step_outputs where step_outputs.job_id = jobs.job_id and next_step = jobs.step) as reply,
  state = 'processing' and coalesce(lease_until < now(), false) as is_lost,
  state <> 'created' and ${isLate} as is_late, ${verdict} as verdict`

async function findStalledJobs(tx: Queries): Promise<StalledJob[]> {
  const { rows } = await tx.execute<StalledJob>(sql`
    with line as (
      -- How far the line has come, at each step: what was queued later than this is only waiting for its turn.
      select step, max(queued_at) as worked_at from waste.jobs
      where state = 'processing' and lease_until >= now()
      group by step
    )
    select ${columns(sql`case
      when state = 'created' then 'upload_expired'
      when queued_at < now() - ${givenUpAfter} then 'analysis_expired'
      when failed_tries >= ${failedTriesMax} then 'analysis_stalled'
      else 'redrive'
    end`)}
    from waste.jobs as jobs
    where state in ('created', 'queued', 'processing') and (
      (state = 'created' and upload_expires_at < now() - interval '1 minute')
      or (state <> 'created' and coalesce(lease_until < now(), true)
        and (queued_at < now() - ${givenUpAfter} or failed_tries >= ${failedTriesMax}))
      or (state = 'processing' and ${isFresh} and lease_until < now())
      -- Its order was lost, or between two steps the reply of the first. Longer each time.
      or (state <> 'created' and ${isFresh} and lease_until is null
        and updated_at < now() - make_interval(mins => redrives + 1)
        and not exists (select from line where line.step is not distinct from jobs.step and line.worked_at <= jobs.queued_at))
    )
    order by updated_at
    limit ${jobsAtOnceMax}
    for update of jobs skip locked`)
  return rows
}

/** The newest first, since their people probably still wait; jobs that failed or were released before come last. */
async function findLateJobs(tx: Queries): Promise<StalledJob[]> {
  const { rows } = await tx.execute<StalledJob>(sql`
    with fresh as (
      select count(*) as jobs from waste.jobs where state in ('queued', 'processing') and ${isFresh}
    ), released as (
      select count(*) as jobs from waste.jobs
      where state in ('queued', 'processing') and ${isLate}
        and (lease_until >= now() or (lease_until is null and released_until > now()))
    )
    select ${columns(sql`'redrive'`)}
    from waste.jobs as jobs
    where state in ('queued', 'processing') and ${isLate} and queued_at >= now() - ${givenUpAfter}
      and failed_tries < ${failedTriesMax}
      and (lease_until < now()
        or (lease_until is null and updated_at <= now() and coalesce(released_until <= now(), true)))
    order by failed_tries, released_until nulls first, queued_at desc
    limit (
      select greatest(0, greatest(${lateAtOnceMin}::bigint, ${workedAtMax}::bigint - fresh.jobs) - released.jobs)
      from fresh, released)
    for update of jobs skip locked`)
  return rows
}

/**
 * The original command under its original id. The attribute `redrives` distinguishes its dead letters from those of earlier
 * ones.
 */
function commandFor(job: StalledJob, time: Date): JsonCloudEvent {
  const { job_id: jobId, event_id: eventId, traceparent } = job
  const variant = job.step === null ? 'single' : 'stages'
  const event = job.reply ?? createAnalysisCommand({ variant, jobId, eventId, time, traceparent })
  return { ...event, extensions: { ...event.extensions, redrives: String(job.redrives + 1) } }
}
