import { sql } from 'drizzle-orm'
import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { createRowCleanup } from '../../_lib/stores/row-cleanup.pg.ts'

type Options = { batchRows?: number }

/** Deletes call counts of minutes and days older than two days: only the current ones limit calls. */
export function createBudgetCleanup(database: Database, options: Options = {}): CleanupStep {
  return createRowCleanup({
    ...options,
    database,
    name: 'budget_periods',
    table: sql`waste.model_budget`,
    key: sql`period`,
    // "minute:2026-11-21T02:45" and "day:2026-11-21", in Asia/Seoul.
    expired: sql`substr(period, strpos(period, ':') + 1, 10)
      < to_char((now() at time zone 'Asia/Seoul') - interval '2 days', 'YYYY-MM-DD')`,
  })
}

/** Deletes jobs without an upload, 30 days after their end and after their objects were removed. */
export function createAbandonedJobsCleanup(database: Database, options: Options = {}): CleanupStep {
  return createRowCleanup({
    ...options,
    database,
    name: 'abandoned_jobs',
    table: sql`waste.jobs`,
    key: sql`job_id`,
    expired: sql`failure_reason = 'upload_expired' and finished_at < now() - interval '30 days'
      and upload_removed_at is not null`,
  })
}
