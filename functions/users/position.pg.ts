import { type SQL, sql } from 'drizzle-orm'
import type { Position } from './position.ts'

/** The first half of a position, for a query over `waste.completed_analyses_v1`. */
export const analyzedAtUs: SQL = sql`(extract(epoch from analyzed_at) * 1000000)::bigint::text`

/** Rows that come after a position, in the order of `newestFirst`. A row comparison, which the index can begin at. */
export const isBeyond = (position: Position): SQL => sql`(analyzed_at, job_id) < (
  timestamptz 'epoch' + ${position.analyzedAtUs}::float8 * interval '1 microsecond', ${position.jobId}::uuid)`

export const newestFirst: SQL = sql`analysis.analyzed_at desc, analysis.job_id desc`
