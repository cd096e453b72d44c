import { sql } from 'drizzle-orm'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import type { Admission, NewJob } from '../new-job.ts'
import { countOpened, countUploading } from '../recently-opened.pg.ts'
import { failJobs } from './fail-jobs.pg.ts'

type Row = {
  free: boolean
  day_full: boolean
  /** Analyses of the day that are left, without this one. */
  day_left: number
  day_seconds: number
  crowded: boolean
  expired: boolean
  upload_expires_at: Date | null
  paused_seconds: number
  /** The job that has this id already; only possible with an idempotency key. */
  earlier: { same: boolean; waiting: boolean; upload_expires_at: string; seconds_left: number } | null
}

export type JobLimits = {
  /** Unfinished jobs of all people that have a photo or are uploading one. */
  waitingMax: number
  /** Analyses of one person on a day of Asia/Seoul. */
  perDayMax: number
}

// Two requests may choose the same slot or number; the loser of the unique index chooses again.
const maxAttempts = 8
/** A job without an upload frees its number, but an upload that is never declared complete takes space in the store. */
const openingsPerAnalysis = 3

/**
 * Takes a slot of the person and a number of the day; unique indexes decide races for the last ones. The same statement
 * counts the jobs of all people, so that only concurrent inserts can exceed `waitingMax`.
 */
export function createJobOpener(database: Database, limits: JobLimits): (job: NewJob) => Promise<Admission> {
  return async (job) => {
    for (let tried = 0; tried < maxAttempts; tried += 1) {
      const row = await tryInsert(database, job, limits)
      const day = { left: row.day_left, endsInSeconds: Math.ceil(row.day_seconds) }
      if (row.earlier) return repeat(row.earlier)
      if (row.upload_expires_at) return { kind: 'admitted', uploadExpiresAt: new Date(row.upload_expires_at), day }
      if (row.expired && (row.day_full || !row.free)) {
        // Another request may release them first; a slot is free either way.
        await releaseExpiredUploads(database, job.ownerId)
        continue
      }
      if (row.day_full) return { kind: 'day_used_up', day }
      if (row.paused_seconds > 0) return { kind: 'model_paused', retryAfterSeconds: row.paused_seconds }
      if (row.crowded) return { kind: 'too_many_waiting' }
      if (!row.free) break
    }
    return { kind: 'too_many_unfinished' } satisfies Admission
  }
}

function repeat(earlier: NonNullable<Row['earlier']>): Admission {
  if (!earlier.same) return { kind: 'key_used', reason: 'idempotency_key_reused' }
  const uploadExpiresSeconds = Math.floor(earlier.seconds_left)
  if (!earlier.waiting || uploadExpiresSeconds < 1) return { kind: 'key_used', reason: 'job_not_waiting' }
  return { kind: 'repeated', uploadExpiresAt: new Date(earlier.upload_expires_at), uploadExpiresSeconds }
}

async function tryInsert(database: Database, job: NewJob, { waitingMax, perDayMax }: JobLimits): Promise<Row> {
  const openingsMax = perDayMax * openingsPerAnalysis
  const statement = sql`
    with earlier as (
      select state = 'created' as waiting, upload_expires_at,
        extract(epoch from upload_expires_at - now())::float8 as seconds_left,
        (content_type, content_length, coalesce(sha256, ''))
          = (${job.contentType}, ${job.contentLengthBytes}::integer, ${job.sha256 ?? ''}) as same
      from waste.jobs where job_id = ${job.jobId}
    ), circuit as (
      select greatest(0, extract(epoch from open_until - now()))::float8 as paused_seconds from waste.model_circuit
    ), crowd as (
      select case
        when exists (
          select from waste.jobs where owner_id = ${job.ownerId} and state in ('created', 'queued', 'processing')
        ) then not ${job.mayOpenFurther}::boolean or count(*) + (${countOpened}) >= ${waitingMax}
        else not ${job.mayOpenFirst}::boolean or count(*) + (${countUploading}) >= ${waitingMax}
      end as crowded from (
        select from waste.jobs where state in ('queued', 'processing') limit ${waitingMax}
      ) as waiting
    ), free_slot as (
      select slot from generate_series(1, 5) as slot
      where not exists (
        select from waste.jobs
        where owner_id = ${job.ownerId} and jobs.slot = slot.slot and state in ('created', 'queued', 'processing')
      )
      order by slot limit 1
    ), today as (
      select day, (day + 1)::timestamp at time zone 'Asia/Seoul' as ends_at
      from (select (now() at time zone 'Asia/Seoul')::date as day) as here
    ), used as (
      select
        (select count(*) from waste.jobs
          where owner_id = ${job.ownerId} and opened_on = day and failure_reason is distinct from 'upload_expired'
        )::integer as analyses,
        (select count(*) from (
          select from waste.jobs
          where owner_id = ${job.ownerId} and created_at >= day::timestamp at time zone 'Asia/Seoul'
          limit ${openingsMax}
        ) as opened) as openings
      from today
    ), free_number as (
      select number
      from used, today, generate_series(1, least(analyses + 1, ${perDayMax}::integer)) as number
      where analyses < ${perDayMax}::integer and openings < ${openingsMax}::integer
        and not exists (
          select from waste.jobs
          where owner_id = ${job.ownerId} and opened_on = day and day_no = number
            and failure_reason is distinct from 'upload_expired'
        )
      order by number limit 1
    ), inserted as (
      insert into waste.jobs (
        job_id, owner_id, state, slot, content_type, content_length, sha256, object_key, locale,
        latitude, longitude, event_id, traceparent, upload_expires_at, opened_on, day_no
      )
      select ${job.jobId}, ${job.ownerId}, 'created', slot, ${job.contentType}, ${job.contentLengthBytes},
        ${job.sha256 ?? null}, ${job.objectKey}, ${job.locale}, ${job.location?.lat ?? null}::float8,
        ${job.location?.lng ?? null}::float8, ${job.eventId}, ${job.traceparent},
        now() + make_interval(secs => ${job.uploadExpiresSeconds}), day, number
      from free_slot, free_number, today, circuit, crowd
      where paused_seconds = 0 and not crowded and not exists (select from earlier)
      -- Of the slot or the number, or of the job itself, by another request with the same key.
      on conflict do nothing
      returning upload_expires_at
    )
    select
      (select to_jsonb(earlier) from earlier) as earlier,
      (select paused_seconds from circuit) as paused_seconds,
      (select crowded from crowd) as crowded,
      exists (select from free_slot) as free,
      not exists (select from free_number) as day_full,
      (select least(${perDayMax}::integer - analyses, ${openingsMax}::integer - openings) - 1 from used)::integer as day_left,
      (select extract(epoch from ends_at - now()) from today)::float8 as day_seconds,
      exists (
        select from waste.jobs where owner_id = ${job.ownerId} and state = 'created' and upload_expires_at < now()
      ) as expired,
      (select upload_expires_at from inserted) as upload_expires_at`
  const { rows } = await database.run((db) => db.execute<Row>(statement))
  const [row] = rows
  if (!row) throw new Error('The insert of a job returned no row')
  return row
}

/** Frees the slots of expired uploads at once, instead of waiting for the redriver. */
async function releaseExpiredUploads(database: Database, ownerId: string): Promise<void> {
  const isExpired = sql`owner_id = ${ownerId} and state = 'created' and upload_expires_at < now()`
  await database.run((db) => failJobs(db, isExpired, 'upload_expired'))
}
