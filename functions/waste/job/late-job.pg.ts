import { sql } from 'drizzle-orm'

/**
 * A job is late when it was queued five minutes ago: an event lives 300 s in q-ai, and the door lets nobody in who would wait
 * longer than 240 s. So something was unavailable, its order is gone, and new photos go first.
 */
export const isLate = sql`queued_at <= now() - interval '5 minutes'`
export const isFresh = sql`queued_at > now() - interval '5 minutes'`

/** A late job is worked at only while it is released, whatever orders of it are still about. */
export const mayBeClaimed = sql`(${isFresh} or released_until > now())`

export const failedTriesMax = 5

/**
 * `failed_tries` after a claim that ended without a result. It does not count while the work of others stands still too:
 * nothing was completed for a minute, and somebody else has waited for as long.
 */
export const withFailedTry = sql`failed_tries + case
  when not exists (
    select from waste.jobs as done where done.state = 'completed' and done.finished_at > now() - interval '1 minute'
  ) and exists (
    select from waste.jobs as other
    where other.owner_id <> jobs.owner_id and other.state in ('queued', 'processing')
      and other.queued_at < now() - interval '1 minute'
  ) then 0 else 1 end`
