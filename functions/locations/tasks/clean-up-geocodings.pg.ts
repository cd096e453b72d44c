import { sql } from 'drizzle-orm'
import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { createRowCleanup } from '../../_lib/stores/row-cleanup.pg.ts'

/** Creates the cleanup steps of geocodings a week after their end, since they may show where a person was, and of expired known answers. */
export function createGeocodingsCleanup(database: Database): CleanupStep[] {
  return [
    createRowCleanup({
      database,
      name: 'geocodings',
      table: sql`locations.geocodings`,
      key: sql`geocoding_id`,
      expired: sql`ended_at < now() - interval '7 days'`,
    }),
    createRowCleanup({
      database,
      name: 'known_answers',
      table: sql`locations.known_answers`,
      key: sql`question_key`,
      expired: sql`answered_at < now() - interval '30 days'`,
    }),
  ]
}
