import { type SQL, sql } from 'drizzle-orm'
import { type JobState, type Stage, stages } from './job.ts'
import type { Lease } from './leased-job.ts'

/** Sets the state and the stage of a job. */
export const inState = (state: JobState, stage: Stage): SQL => sql`state = ${sql.raw(`'${state}'`)}, ${atStage(stage)}`

/** Sets the stage and the progress that the person sees. */
export const atStage = (stage: Stage): SQL => sql.raw(`stage = '${stage}', progress = ${stages[stage].progress}`)

/** Only the clock of the database decides about leases; workers never compare their own. */
export const leasedFor = (seconds: number): SQL => sql`lease_until = now() + make_interval(secs => ${seconds})`

/** Clears the location, which only the search for nearby bins needs. */
export const ended = sql`lease_until = null, latitude = null, longitude = null, finished_at = now(), updated_at = now()`

export const isUnfinished = sql`state in ('created', 'queued', 'processing')`

/** The fencing predicate: false when the lease was taken over, or the job has ended or was deleted. */
export const isHeld = (lease: Lease): SQL => sql`${isOfLease(lease)} and state = 'processing'`

/** Also selects the ledger entry of the lease, which stays when the lease ends. */
export const isOfLease = ({ jobId, fencingToken }: Lease): SQL =>
  sql`job_id = ${jobId} and fencing_token = ${fencingToken}`
