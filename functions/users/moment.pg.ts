import { type SQL, sql } from 'drizzle-orm'

/** SQL that formats a timestamp as RFC 3339 in UTC with milliseconds. */
export const rfc3339 = (column: SQL): SQL<string> =>
  sql<string>`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** SQL for the start of a day of Asia/Seoul, as a bound that an index on a timestamp can use. */
export const startOfDay = (day: SQL): SQL => sql`((${day})::date::timestamp at time zone 'Asia/Seoul')`
