import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'
import type { ProfileDeps } from './profile.ts'
import { toVersionArray } from './version-array.pg.ts'

type FoundRow = {
  display_name: string | null
  picture_url: string | null
  account_created_at: string
  version: number | null
  updated_at: string | null
  provider: string | null
  linked_at: string
  last_login_at: string
}

type ReplacedRow = { has_account: boolean; display_name: string | null; version: number; updated_at: string }

/** Creates the queries that read and replace profiles. */
export function createProfileStore(database: Database): ProfileDeps {
  return {
    findProfile: async (userId) => {
      const { rows } = await database.run((db) =>
        db.execute<FoundRow>(sql`
          select coalesce(profile.display_name, account.display_name) as display_name,
            account.picture_url, account.created_at as account_created_at, profile.version, profile.updated_at,
            identity.provider, identity.created_at as linked_at, identity.last_login_at
          from auth.accounts_v1 account
          left join users.profiles profile using (user_id)
          left join auth.identities_v1 identity using (user_id)
          where user_id = ${userId}
          order by identity.created_at, identity.provider`),
      )
      const [row] = rows
      if (!row) return undefined
      return {
        value: {
          userId,
          displayName: row.display_name,
          pictureUrl: row.picture_url,
          createdAt: new Date(row.account_created_at),
          identities: rows.flatMap(({ provider, linked_at, last_login_at }) =>
            provider === null
              ? []
              : [{ provider, createdAt: new Date(linked_at), lastLoginAt: new Date(last_login_at) }],
          ),
        },
        version: row.version ?? 0,
        updatedAt: row.updated_at === null ? null : new Date(row.updated_at),
      }
    },
    replaceProfile: async (userId, fields, expected) => {
      const versions = toVersionArray(expected)
      // The row lock orders concurrent callers: the second finds a version that it does not expect.
      const { rows } = await database.run((db) =>
        db.execute<ReplacedRow>(sql`
          with account as (
            select user_id from auth.accounts_v1 where user_id = ${userId}
              -- An access token may still be valid: nothing may be written after a deletion.
              and not exists (select from users.deletions where user_id = ${userId})
          ),
          written as (
            insert into users.profiles as kept (user_id, display_name)
            select user_id, ${fields.display_name} from account
            where ${versions}::integer[] is null or 0 = any(${versions}::integer[])
              or exists (select from users.profiles where user_id = ${userId})
            on conflict (user_id) do update
              set display_name = excluded.display_name, version = kept.version + 1, updated_at = now()
              where ${versions}::integer[] is null or kept.version = any(${versions}::integer[])
            returning display_name, version, updated_at
          )
          select exists (select from account) as has_account, written.*
          from (select) one left join written on true`),
      )
      const [row] = rows
      if (!row?.has_account) return { kind: 'no_account' }
      if (row.display_name === null) return { kind: 'stale' }
      return {
        kind: 'replaced',
        stored: {
          value: { display_name: row.display_name },
          version: row.version,
          updatedAt: new Date(row.updated_at),
        },
      }
    },
  }
}
