import { sql } from 'drizzle-orm'

// Longer than a phone needs for a photo of 10 MB at 3 Mbit/s, and a tenth of the time for which an opened job waits for it.
const sendingSeconds = 30
const sendingSince = sql`now() - make_interval(secs => ${sendingSeconds})`

/**
 * How many people are about to send a photo: those who have opened a job in the last seconds, once each, without those whose
 * earlier job still waits for its photo. So abandoned jobs count for half a minute of the five that they keep their slots.
 */
export const countSending = sql`
  select count(distinct owner_id)::integer from waste.jobs as opened
  where state = 'created' and created_at > ${sendingSince}
    and not exists (
      select from waste.jobs as earlier
      where earlier.owner_id = opened.owner_id and earlier.state = 'created' and earlier.created_at <= ${sendingSince}
    )`

/** How many jobs were opened in the last seconds and still wait for their photo, several of one person included. */
export const countOpened = sql`
  select count(*)::integer from waste.jobs where state = 'created' and created_at > ${sendingSince}`
