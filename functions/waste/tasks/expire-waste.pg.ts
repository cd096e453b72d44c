import { sql } from 'drizzle-orm'
import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { createRowCleanup } from '../../_lib/stores/row-cleanup.pg.ts'

type Options = { batchRows?: number }

/** Deletes counts of model calls of minutes and days that are over for two days: only the current ones bound anything. */
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

/** Deletes jobs whose photo never came, 30 days after they ended and once what may have been uploaded is gone. */
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
