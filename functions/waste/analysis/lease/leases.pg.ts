import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import type { Locale } from '../../../_lib/http/locale.ts'
import { recordHandled } from '../../../_lib/messaging/inbox.pg.ts'
import type { Outbox } from '../../../_lib/messaging/outbox.pg.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import type { AnalysisStep } from '../../analysis-step.ts'
import { type FailureReason, type JobState, type Stage, stages } from '../../job/job.ts'
import { failedTriesMax, mayBeClaimed, withFailedTry } from '../../job/late-job.pg.ts'
import type { LeasedJob } from './analysis-errors.ts'
import { outlastOutage } from './outlast-outage.ts'

export type Claim =
  | { kind: 'claimed'; job: LeasedJob }
  /**
   * Finished, at another step, leased by another worker, or late and not released: the redriver watches it, and this delivery has
   * nothing to do.
   */
  | { kind: 'not_needed'; state: JobState }
  | { kind: 'unknown' }

export type Leases = {
  /**
   * Tried again while PostgreSQL is away, for half a lease, but no more than eight seconds: a try without an answer may have
   * taken the job.
   */
  claim: (jobId: string) => Promise<Claim>
  /** False when the lease is lost. */
  renew: (job: LeasedJob) => Promise<boolean>
  /** Gives the job back and has its event sent again after the delay, in one transaction. A failed try counts against the job. */
  giveBack: (job: LeasedJob, event: JsonCloudEvent, delaySeconds: number, isFailedTry?: boolean) => Promise<boolean>
  /** Gives the job back after a failed try, without an event: the broker delivers the present one again. */
  release: (job: LeasedJob) => Promise<void>
  /** Ends the job as failed, and the event as handled. False when the lease is lost. */
  fail: (job: LeasedJob, event: JsonCloudEvent, reason: FailureReason) => Promise<boolean>
}

type ClaimRow = {
  claimed: boolean
  state: JobState
  owner_id: string
  lease_no: number
  content_type: string
  content_length: number
  object_key: string
  locale: Locale
  latitude: number | null
  longitude: number | null
}

const firstStages = {
  prepare_photo: 'download',
  identify_item: 'vision',
  retrieve_rules: 'feedback',
  compose_answer: 'feedback',
} as const satisfies Record<AnalysisStep, Stage>

// Longer than the deadline of one statement, so that one without an answer is followed by another, and shorter than that of any
// delivery.
const claimSecondsMax = 8

// Only the clock of the database decides about leases; workers never compare their own.
export function createLeases(deps: {
  database: Database
  outbox: Outbox
  consumer: string
  leaseSeconds: number
  /** Of the function that claims, when it does one step only. */
  step?: AnalysisStep
  createToken?: () => string
}): Leases {
  const { database, outbox, consumer, leaseSeconds, step, createToken = randomUUID } = deps
  const firstStage = step ? firstStages[step] : 'download'
  // Between two steps a job is processed by nobody.
  const isAtStep = step
    ? sql`step = ${step} and (state = 'queued' or (state = 'processing' and (lease_until is null or lease_until < now())))`
    : sql`step is null and (state = 'queued' or (state = 'processing' and lease_until < now()))`
  const claimable = sql`${isAtStep} and ${mayBeClaimed} and failed_tries < ${failedTriesMax}`
  // An earlier try has taken the job. Whoever else takes it, or ends the lease, leaves nothing of this.
  const taken = (token: string) => sql`(state = 'processing' and lease_token = ${token} and lease_until >= now())`
  const held = (job: LeasedJob) => sql`job_id = ${job.jobId} and lease_no = ${job.leaseNo} and state = 'processing'`

  const claimOnce = async (jobId: string, token: string): Promise<Claim> => {
    const { rows } = await database.run((db) =>
      db.execute<ClaimRow>(sql`
        with claimed as (
          update waste.jobs
          set state = 'processing', stage = ${firstStage}, progress = ${stages[firstStage].progress},
            lease_no = lease_no + case when ${taken(token)} then 0 else 1 end, lease_token = ${token},
            failed_tries = case when state = 'processing' and lease_until < now() then ${withFailedTry} else failed_tries end,
            lease_until = now() + make_interval(secs => ${leaseSeconds}), updated_at = now()
          where job_id = ${jobId} and ((${claimable}) or ${taken(token)})
          returning *
        )
        select true as claimed, state, owner_id, lease_no, content_type, content_length, object_key, locale,
          latitude, longitude from claimed
        union all
        select false, state, owner_id, lease_no, content_type, content_length, object_key, locale, latitude, longitude
        from waste.jobs where job_id = ${jobId} and not exists (select from claimed)`),
    )
    const [row] = rows
    if (!row) return { kind: 'unknown' }
    if (!row.claimed) return { kind: 'not_needed', state: row.state }
    const { latitude: lat, longitude: lng } = row
    return {
      kind: 'claimed',
      job: {
        jobId,
        ownerId: row.owner_id,
        state: row.state,
        leaseNo: row.lease_no,
        contentType: row.content_type,
        contentLengthBytes: row.content_length,
        objectKey: row.object_key,
        locale: row.locale,
        location: lat === null || lng === null ? null : { lat, lng },
      },
    }
  }

  return {
    claim: (jobId) => {
      const token = createToken()
      // While a lease that the first try began still lasts.
      const forMs = Math.min(claimSecondsMax, leaseSeconds / 2) * 1000
      return outlastOutage(forMs, () => claimOnce(jobId, token))
    },
    renew: async (job) => {
      const { rowCount } = await database.run((db) =>
        db.execute(sql`
          update waste.jobs set lease_until = now() + make_interval(secs => ${leaseSeconds}), updated_at = now()
          where ${held(job)}`),
      )
      return rowCount === 1
    },
    giveBack: (job, event, delaySeconds, isFailedTry = false) =>
      database.transaction(async (tx) => {
        const { rowCount } = await tx.execute(sql`
          update waste.jobs
          set state = 'queued', stage = 'queued', progress = 0, lease_until = null,
            failed_tries = ${isFailedTry ? withFailedTry : sql`failed_tries`},
            updated_at = now() + make_interval(secs => ${delaySeconds})
          where ${held(job)}`)
        if (rowCount !== 1) return false
        await outbox.append(tx, withoutRedrives(event), delaySeconds)
        return true
      }),
    release: async (job) => {
      await database.run((db) =>
        db.execute(sql`
          update waste.jobs
          set state = 'queued', stage = 'queued', progress = 0, lease_until = null, failed_tries = ${withFailedTry},
            updated_at = now()
          where ${held(job)}`),
      )
    },
    fail: (job, event, reason) =>
      database.transaction(async (tx) => {
        const { rowCount } = await tx.execute(sql`
          update waste.jobs
          set state = 'failed', stage = 'failed', progress = -1, failure_reason = ${reason}, lease_until = null,
            latitude = null, longitude = null, finished_at = now(), updated_at = now()
          where ${held(job)}`)
        if (rowCount !== 1) return false
        await recordHandled(tx, consumer, event)
        return true
      }),
  }
}

/** An order of the worker's own: a dead letter of the redriver's order says nothing about this one. */
function withoutRedrives(event: JsonCloudEvent): JsonCloudEvent {
  const { redrives: _, ...extensions } = event.extensions
  return { ...event, extensions }
}
