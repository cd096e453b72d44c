import { sql } from 'drizzle-orm'
import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { createRowCleanup } from '../../_lib/stores/row-cleanup.pg.ts'
import { createDeadLetterCloser } from './close-dead-letters.pg.ts'
import { createDeadLetterExpiry } from './expire-dead-letters.pg.ts'

/**
 * Creates the steps that delete events a week after they were sent, inbox rows after two weeks, rows of runs after 90 days, and
 * dead letters. Parked and unsent events stay for an operator or the relay at any age.
 */
export function createEventsCleanup(
  database: Database,
  options: { batchRows?: number; openDeadLettersMax?: number } = {},
): CleanupStep[] {
  return [
    createDeadLetterCloser(database, options),
    ...createDeadLetterExpiry(database, options),
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
      // Twice as long as the outbox can publish an event again.
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
      // Periods and their figures stay, since a missing period would be counted again.
      expired: sql`ended_at < now() - interval '90 days'`,
    }),
  ]
}
