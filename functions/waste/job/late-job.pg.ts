import { sql } from 'drizzle-orm'

/**
 * A job is late when it was queued five minutes ago. An event expires from q-ai after 300 s, and a job is admitted only
 * when it would wait for at most 240 s: so something was unavailable, the command has expired, and new photos go first.
 */
export const isLate = sql`queued_at <= now() - interval '5 minutes'`
export const isFresh = sql`queued_at > now() - interval '5 minutes'`

/** A late job may be claimed only while it is released, even if commands for it are still being delivered. */
export const mayBeClaimed = sql`(${isFresh} or released_until > now())`

export const failedTriesMax = 5

/**
 * `failed_tries` after a claim that ended without a result. It does not count during an outage: no job was completed for a
 * minute, and a job of another person has waited for as long.
 */
export const withFailedTry = sql`failed_tries + case
  when not exists (
    select from waste.jobs as done where done.state = 'completed' and done.finished_at > now() - interval '1 minute'
  ) and exists (
    select from waste.jobs as other
    where other.owner_id <> jobs.owner_id and other.state in ('queued', 'processing')
      and other.queued_at < now() - interval '1 minute'
  ) then 0 else 1 end`
