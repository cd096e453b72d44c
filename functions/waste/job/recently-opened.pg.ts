import { sql } from 'drizzle-orm'

// Longer than a phone needs for a photo of 10 MB at 3 Mbit/s, and a tenth of the time that an upload may take.
const uploadSeconds = 30
const uploadingSince = sql`now() - make_interval(secs => ${uploadSeconds})`

/**
 * Counts people who are uploading a photo: each person who opened a job in the last 30 s, unless an earlier job of theirs
 * still waits for its photo. So an abandoned job counts for half a minute, although it keeps its slot for five.
 */
export const countUploading = sql`
  select count(distinct owner_id)::integer from waste.jobs as opened
  where state = 'created' and created_at > ${uploadingSince}
    and not exists (
      select from waste.jobs as earlier
      where earlier.owner_id = opened.owner_id and earlier.state = 'created' and earlier.created_at <= ${uploadingSince}
    )`

/** Counts jobs opened in the last 30 s that wait for their photo, several of one person included. */
export const countOpened = sql`
  select count(*)::integer from waste.jobs where state = 'created' and created_at > ${uploadingSince}`
