import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { defaultPreferences, type Notifications, type Preferences } from '../preferences.ts'
import type { Versioned } from '../versioned.ts'
import type { PreferencesDeps } from './replace-preferences.ts'
import { toVersionArray } from './version-array.pg.ts'

type Row = {
  language: Preferences['language'] | null
  /** A kind that was added later is missing in older rows. */
  notifications: Partial<Notifications> | null
  region: string | null
  version: number | null
  updated_at: string | null
}

/** Creates the queries that read and replace preferences. */
export function createPreferencesStore(database: Database): PreferencesDeps {
  return {
    findPreferences: async (userId) => {
      const { rows } = await database.run((db) =>
        db.execute<Row>(sql`
          select chosen.language, chosen.notifications, chosen.region, chosen.version, chosen.updated_at
          from auth.accounts_v1 left join users.preferences chosen using (user_id)
          where user_id = ${userId}`),
      )
      return rows[0] && fromRow(rows[0])
    },
    replacePreferences: async (userId, { language, notifications, region }, expected) => {
      const versions = toVersionArray(expected)
      const { rows } = await database.run((db) =>
        db.execute<Row & { has_account: boolean }>(sql`
          with account as (
            select user_id from auth.accounts_v1 where user_id = ${userId}
              -- An access token may still be valid: nothing may be written after a deletion.
              and not exists (select from users.deletions where user_id = ${userId})
          ),
          written as (
            insert into users.preferences as kept (user_id, language, notifications, region)
            select user_id, ${language}, ${JSON.stringify(notifications)}::jsonb, ${region} from account
            where ${versions}::integer[] is null or 0 = any(${versions}::integer[])
              or exists (select from users.preferences where user_id = ${userId})
            on conflict (user_id) do update
              set language = excluded.language, notifications = excluded.notifications, region = excluded.region,
                version = kept.version + 1, updated_at = now()
              where ${versions}::integer[] is null or kept.version = any(${versions}::integer[])
            returning language, notifications, region, version, updated_at
          )
          select exists (select from account) as has_account, written.*
          from (select) one left join written on true`),
      )
      const [row] = rows
      if (!row?.has_account) return { kind: 'no_account' }
      return row.language === null ? { kind: 'stale' } : { kind: 'replaced', stored: fromRow(row) }
    },
  }
}

function fromRow(row: Row): Versioned<Preferences> {
  return {
    value: {
      language: row.language ?? defaultPreferences.language,
      notifications: { ...defaultPreferences.notifications, ...row.notifications },
      region: row.region,
    },
    version: row.version ?? 0,
    updatedAt: row.updated_at === null ? null : new Date(row.updated_at),
  }
}
