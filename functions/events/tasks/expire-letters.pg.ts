import { sql } from 'drizzle-orm'
import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { createRowCleanup } from '../../_lib/stores/row-cleanup.pg.ts'

/** A body has 64 KiB at most, so these have 6.5 GB at most. */
const openLettersMaxDefault = 100_000

/**
 * Deletes dead letters 30 days after they were replayed, discarded or closed. One that is open waits for an operator for 180
 * days after its newest delivery; of more than `openLettersMax` the oldest go.
 */
export function createLetterExpiry(
  database: Database,
  { openLettersMax = openLettersMaxDefault, ...options }: { batchRows?: number; openLettersMax?: number },
): CleanupStep[] {
  const letters = { ...options, database, table: sql`events.dead_letters`, key: sql`dead_letter_id` }
  return [
    createRowCleanup({
      ...letters,
      name: 'ended_dead_letters',
      expired: sql`state <> 'open'
        and greatest(last_received_at, replayed_at, discarded_at, closed_at) < now() - interval '30 days'`,
    }),
    createRowCleanup({
      ...letters,
      name: 'open_dead_letters',
      expired: sql`state = 'open' and (
        last_received_at < now() - interval '180 days'
        or dead_letter_id <= (
          select dead_letter_id from events.dead_letters where state = 'open'
          order by dead_letter_id desc offset ${openLettersMax}::integer limit 1))`,
    }),
  ]
}
