import { sql } from 'drizzle-orm'
import type { Sealer } from '../../_lib/access/seal-text.ts'
import { appendEvent } from '../../_lib/messaging/outbox.pg.ts'
import type { Logger } from '../../_lib/process/log.ts'
import type { Database, Queries } from '../../_lib/stores/database.pg.ts'
import { createProfileSyncCommand } from '../profile-sync-command.ts'
import type { Provider } from '../provider.ts'
import { type ProviderPersonRow, readProviderPerson } from './read-provider-person.ts'
import type { SyncProfileDeps } from './sync-profile.ts'

type SyncRow = ProviderPersonRow & { provider: Provider; attempts: number; is_too_old: boolean }
type CommandRow = { sync_id: string; event_id: string; traceparent: string }

/** Time after the due time of a command until the redriver publishes it again. */
const quietSeconds = 120
const syncsPerRunMax = 100

/** Creates the queries and transactions of `syncProfile`. */
export function createProfileSyncs(deps: {
  database: Database
  sealer: Sealer
  log: Logger
  now: () => Date
}): Pick<SyncProfileDeps, 'findSync' | 'saveProfile' | 'endSync' | 'defer'> {
  const { database } = deps
  return {
    findSync: async (syncId) => {
      const { rows } = await database.run((db) =>
        db.execute<SyncRow>(sql`
          select sync.provider, sync.subject, sync.attempts, tokens.sealed,
            tokens.access_expires_at > now() as access_is_live, sync.login_at < now() - interval '1 day' as is_too_old
          from auth.profile_syncs sync
          left join auth.provider_tokens tokens
            on (tokens.provider, tokens.subject) = (sync.provider, sync.subject) and tokens.kept_until > now()
          where sync_id = ${syncId} and ended_at is null`),
      )
      const [row] = rows
      if (!row) return undefined
      const { provider, attempts, is_too_old: isTooOld } = row
      return { syncId, provider, person: readProviderPerson(deps, provider, row), attempts, isTooOld }
    },
    saveProfile: (syncId, { displayName, pictureUrl }) =>
      database.transaction(async (tx) => {
        // Lock order: the account first, as logins and deletions do.
        await tx.execute(sql`
          select from auth.accounts
          where user_id = (select user_id from auth.profile_syncs where sync_id = ${syncId})
          for no key update`)
        const { rows } = await end(tx, syncId, 'synced')
        const [ended] = rows
        if (!ended) return false
        await tx.execute(sql`
          update auth.accounts
          set display_name = coalesce(${displayName ?? null}, display_name), picture_url = ${pictureUrl ?? null},
            profile_as_of = ${ended.login_at}::timestamptz
          where user_id = ${ended.user_id}
            and (profile_as_of is null or profile_as_of <= ${ended.login_at}::timestamptz)`)
        return true
      }),
    endSync: async (syncId, reason) => {
      await database.run((db) => end(db, syncId, reason))
    },
    defer: (syncId, delaySeconds, failed) =>
      database.transaction(async (tx) => {
        const { rows } = await tx.execute<CommandRow>(sql`
          update auth.profile_syncs
          set attempts = attempts + ${failed ? 1 : 0}, retry_at = now() + make_interval(secs => ${delaySeconds + quietSeconds})
          where sync_id = ${syncId} and ended_at is null
          returning sync_id, event_id, traceparent`)
        await appendCommands(tx, rows, delaySeconds, deps.now())
      }),
  }
}

/** Publishes the commands of syncs again that have not moved: after two minutes at first, doubled up to two hours. */
export function createProfileSyncRedriver(deps: { database: Database; now: () => Date }): () => Promise<number> {
  return () =>
    deps.database.transaction(async (tx) => {
      const { rows } = await tx.execute<CommandRow>(sql`
        update auth.profile_syncs
        set attempts = attempts + 1, retry_at = now() + make_interval(secs => ${quietSeconds} * 2 ^ least(attempts, 6))
        where sync_id in (
          select sync_id from auth.profile_syncs where ended_at is null and retry_at <= now()
          order by retry_at limit ${syncsPerRunMax} for update skip locked
        )
        returning sync_id, event_id, traceparent`)
      await appendCommands(tx, rows, 0, deps.now())
      return rows.length
    })
}

// `login_at` as text, since a Date would lose its microseconds.
const end = (tx: Queries, syncId: string, reason: string) =>
  tx.execute<{ user_id: string; login_at: string }>(sql`
    update auth.profile_syncs set ended_at = now(), end_reason = ${reason}
    where sync_id = ${syncId} and ended_at is null
    returning user_id, login_at::text as login_at`)

async function appendCommands(
  tx: Queries,
  rows: readonly CommandRow[],
  delaySeconds: number,
  now: Date,
): Promise<void> {
  for (const { sync_id: syncId, event_id: eventId, traceparent } of rows) {
    await appendEvent(tx, createProfileSyncCommand({ syncId, eventId, traceparent }, now), delaySeconds)
  }
}
