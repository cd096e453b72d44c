import { sql } from 'drizzle-orm'
import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { createRowCleanup } from '../../_lib/stores/row-cleanup.pg.ts'
import { createLetterCloser } from './close-letters.pg.ts'
import { createLetterExpiry } from './expire-letters.pg.ts'

/**
 * Deletes events a week after they were sent, notes of handled events after two, reports of runs after 90 days, and dead
 * letters. Parked events and events that are still to be sent wait for a person or the relay, however old.
 */
export function createEventsCleanup(
  database: Database,
  options: { batchRows?: number; openLettersMax?: number } = {},
): CleanupStep[] {
  return [
    createLetterCloser(database, options),
    ...createLetterExpiry(database, options),
    createRowCleanup({
      ...options,
      database,
      name: 'sent_events',
      table: sql`events.outbox`,
      key: sql`outbox_id`,
      expired: sql`sent_at < now() - interval '7 days' and parked_at is null`,
    }),
    createRowCleanup({
      ...options,
      database,
      name: 'inbox_notes',
      table: sql`events.inbox`,
      key: sql`consumer, source, event_id`,
      // Twice what an event may be sent again in: the outbox forgets it after a week.
      expired: sql`handled_at < now() - interval '14 days'`,
    }),
    createRowCleanup({
      ...options,
      database,
      name: 'cleanup_runs',
      table: sql`events.cleanup_runs`,
      key: sql`event_source, event_id`,
      expired: sql`started_at < now() - interval '90 days'`,
    }),
    createRowCleanup({
      ...options,
      database,
      name: 'batch_runs',
      table: sql`events.batch_runs`,
      key: sql`run_id`,
      // Days, weeks and their figures stay: what is not there would be counted again.
      expired: sql`ended_at < now() - interval '90 days'`,
    }),
  ]
}
