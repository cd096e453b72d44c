import { sql } from 'drizzle-orm'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import type { ExportDeps } from './export-person.ts'

type Row = {
  client: 'app' | 'web'
  provider: string | null
  created_at: Date
  last_refreshed_at: Date | null
  ended_at: Date | null
}

/** Creates the query for the sessions of an export, without their ids, which access tokens contain. */
export function createSessionsReader(database: Database): ExportDeps['readSessions'] {
  return async (userId) => {
    const { rows } = await database.run((db) =>
      db.execute<Row>(sql`
        select client, provider, created_at, last_refreshed_at, ended_at
        from auth.sessions_v1 where user_id = ${userId}
        order by created_at desc`),
    )
    const rendered = (moment: Date | null) => moment && new Date(moment).toISOString()
    return rows.map((row) => ({
      client: row.client,
      provider: row.provider,
      created_at: new Date(row.created_at).toISOString(),
      last_refreshed_at: rendered(row.last_refreshed_at),
      ended_at: rendered(row.ended_at),
    }))
  }
}
