import { sql } from 'drizzle-orm'
import type { Locale } from '../../../_lib/http/locale.ts'
import type { Queries } from '../../../_lib/stores/database.pg.ts'
import type { AnalysisStep } from '../../analysis-step.ts'
import { inState, leasedFor } from '../columns.pg.ts'
import type { JobState, Stage } from '../job.ts'
import { failedTriesMax, mayBeClaimed, withFailedTry } from '../late-job.pg.ts'
import type { LeasedJob } from '../leased-job.ts'

export type Claim =
  | { kind: 'claimed'; job: LeasedJob }
  /**
   * Finished, at another step, leased by another worker, or late and not released. The delivery is acknowledged, since the
   * redriver publishes the command again when the job stalls.
   */
  | { kind: 'not_needed'; state: JobState }
  | { kind: 'unknown' }

export type ClaimOptions = {
  /** The same in each attempt of one claim, so that an attempt finds the lease that an earlier one committed. */
  claimId: string
  leaseSeconds: number
  /** The step of the function, in the variant `stages`. */
  step: AnalysisStep | undefined
}

type ClaimRow = {
  claimed: boolean
  state: JobState
  owner_id: string
  fencing_token: number
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

/** Leases a job that is queued, between two steps, or whose lease has expired, and increments its fencing token. */
export async function claimJob(
  db: Queries,
  jobId: string,
  { claimId, leaseSeconds, step }: ClaimOptions,
): Promise<Claim> {
  // Between two steps a job is `processing` without a lease.
  const isAtStep = step
    ? sql`step = ${step} and (state = 'queued' or (state = 'processing' and (lease_until is null or lease_until < now())))`
    : sql`step is null and (state = 'queued' or (state = 'processing' and lease_until < now()))`
  const claimable = sql`${isAtStep} and ${mayBeClaimed} and failed_tries < ${failedTriesMax}`
  // An earlier attempt of this claim leased the job. False after another claim, or after the end of the lease.
  const isTaken = sql`(state = 'processing' and claim_id = ${claimId} and lease_until >= now())`
  const { rows } = await db.execute<ClaimRow>(sql`
    with claimed as (
      update waste.jobs
      set ${inState('processing', step ? firstStages[step] : 'download')}, ${leasedFor(leaseSeconds)}, updated_at = now(),
        fencing_token = fencing_token + case when ${isTaken} then 0 else 1 end, claim_id = ${claimId},
        failed_tries = case when state = 'processing' and lease_until < now() then ${withFailedTry} else failed_tries end
      where job_id = ${jobId} and ((${claimable}) or ${isTaken})
      returning *
    )
    select true as claimed, state, owner_id, fencing_token, content_type, content_length, object_key, locale,
      latitude, longitude from claimed
    union all
    select false, state, owner_id, fencing_token, content_type, content_length, object_key, locale, latitude, longitude
    from waste.jobs where job_id = ${jobId} and not exists (select from claimed)`)
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
      fencingToken: row.fencing_token,
      contentType: row.content_type,
      contentLengthBytes: row.content_length,
      objectKey: row.object_key,
      locale: row.locale,
      location: lat === null || lng === null ? null : { lat, lng },
    },
  }
}
