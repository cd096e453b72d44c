import { type SQL, sql } from 'drizzle-orm'
import { type JobState, type Stage, stages } from './job.ts'
import type { Lease } from './leased-job.ts'

/** What a job has once it is in this state, at this stage. */
export const inState = (state: JobState, stage: Stage): SQL => sql`state = ${sql.raw(`'${state}'`)}, ${atStage(stage)}`

/** How far a job has come, as its person sees it. */
export const atStage = (stage: Stage): SQL => sql.raw(`stage = '${stage}', progress = ${stages[stage].progress}`)

/** Only the clock of the database decides about leases; workers never compare their own. */
export const leasedFor = (seconds: number): SQL => sql`lease_until = now() + make_interval(secs => ${seconds})`

/** The place is needed for the nearest bins and for nothing after. */
export const ended = sql`lease_until = null, latitude = null, longitude = null, finished_at = now(), updated_at = now()`

export const isUnfinished = sql`state in ('created', 'queued', 'processing')`

/** The fence: a worker whose lease was taken over, or whose job has ended or is gone, writes nothing. */
export const isHeld = (lease: Lease): SQL => sql`${isOfLease(lease)} and state = 'processing'`

/** Also of its call in the ledger, which stays whatever becomes of the lease. */
export const isOfLease = ({ jobId, fencingToken }: Lease): SQL =>
  sql`job_id = ${jobId} and fencing_token = ${fencingToken}`
