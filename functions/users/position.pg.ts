import { type SQL, sql } from 'drizzle-orm'
import type { Position } from './position.ts'

/** SQL for the `analyzedAtUs` of a position, in a query on `waste.completed_analyses_v1`. */
export const analyzedAtUs: SQL = sql`(extract(epoch from analyzed_at) * 1000000)::bigint::text`

/** SQL condition for the rows after a position in the order of `newestFirst`. A row comparison, so that the index scan begins there. */
export const isBeyond = (position: Position): SQL => sql`(analyzed_at, job_id) < (
  timestamptz 'epoch' + ${position.analyzedAtUs}::float8 * interval '1 microsecond', ${position.jobId}::uuid)`

export const newestFirst: SQL = sql`analysis.analyzed_at desc, analysis.job_id desc`
