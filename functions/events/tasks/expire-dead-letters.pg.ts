import { sql } from 'drizzle-orm'
import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { createRowCleanup } from '../../_lib/stores/row-cleanup.pg.ts'

/** Bodies of at most 64 KiB each: 6.5 GB in all. */
const openDeadLettersMaxDefault = 100_000

/**
 * Creates the steps that delete dead letters 30 days after they were replayed, discarded or closed, and open ones 180 days after
 * their newest delivery; of more than `openDeadLettersMax` open ones the oldest are deleted.
 */
export function createDeadLetterExpiry(
  database: Database,
  { openDeadLettersMax = openDeadLettersMaxDefault, ...options }: { batchRows?: number; openDeadLettersMax?: number },
): CleanupStep[] {
  const deadLetters = { ...options, database, table: sql`events.dead_letters`, key: sql`dead_letter_id` }
  return [
    createRowCleanup({
      ...deadLetters,
      name: 'ended_dead_letters',
      expired: sql`state <> 'open'
        and greatest(last_received_at, replayed_at, discarded_at, closed_at) < now() - interval '30 days'`,
    }),
    createRowCleanup({
      ...deadLetters,
      name: 'open_dead_letters',
      expired: sql`state = 'open' and (
        last_received_at < now() - interval '180 days'
        or dead_letter_id <= (
          select dead_letter_id from events.dead_letters where state = 'open'
          order by dead_letter_id desc offset ${openDeadLettersMax}::integer limit 1))`,
    }),
  ]
}
