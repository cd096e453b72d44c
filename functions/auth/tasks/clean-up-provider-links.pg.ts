import { sql } from 'drizzle-orm'
import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { createRowCleanup } from '../../_lib/stores/row-cleanup.pg.ts'

/** Creates the cleanup steps of expired provider tokens, and of records of failed unlinks after 90 days. */
export function createProviderLinksCleanup(database: Database): CleanupStep[] {
  return [
    createRowCleanup({
      database,
      name: 'provider_tokens',
      table: sql`auth.provider_tokens`,
      key: sql`provider, subject`,
      expired: sql`kept_until <= now()`,
    }),
    createRowCleanup({
      database,
      name: 'provider_unlinks',
      table: sql`auth.provider_unlinks`,
      key: sql`unlink_id`,
      expired: sql`ended_at < now() - interval '90 days'`,
    }),
  ]
}
