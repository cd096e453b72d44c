import { sql } from 'drizzle-orm'
import type { Sealer } from '../../_lib/access/seal-text.ts'
import { appendEvent } from '../../_lib/messaging/outbox.pg.ts'
import type { Logger } from '../../_lib/process/log.ts'
import type { Database, Queries } from '../../_lib/stores/database.pg.ts'
import type { Provider } from '../provider.ts'
import { createProviderUnlinkCommand } from '../provider-unlink-command.ts'
import { type ProviderPersonRow, readProviderPerson } from './read-provider-person.ts'
import type { UnlinkProviderDeps } from './unlink-provider.ts'

type UnlinkRow = ProviderPersonRow & {
  provider: Provider
  attempts: number
  is_linked_again: boolean
  is_too_old: boolean
}
type CommandRow = { unlink_id: string; event_id: string; traceparent: string }

/** Time after the due time of a command until the redriver publishes it again. */
const quietSeconds = 120
const unlinksPerRunMax = 100
const givenUpAfter = '7 days'

/** Creates the queries and transactions of `unlinkProvider`. */
export function createProviderUnlinks(deps: {
  database: Database
  sealer: Sealer
  log: Logger
  now: () => Date
}): Pick<UnlinkProviderDeps, 'findUnlink' | 'removeUnlink' | 'giveUp' | 'defer'> {
  const { database } = deps
  return {
    findUnlink: async (unlinkId) => {
      const { rows } = await database.run((db) =>
        db.execute<UnlinkRow>(sql`
          select provider, subject, sealed, access_expires_at > now() as access_is_live, attempts,
            exists (
              select from auth.identities
              where (identities.provider, identities.subject) = (unlink.provider, unlink.subject)
            ) as is_linked_again,
            ordered_at < now() - ${givenUpAfter}::interval as is_too_old
          from auth.provider_unlinks unlink where unlink_id = ${unlinkId} and ended_at is null`),
      )
      const [row] = rows
      if (!row) return undefined
      const { provider, attempts, is_linked_again: isLinkedAgain, is_too_old: isTooOld } = row
      return { unlinkId, provider, person: readProviderPerson(deps, provider, row), attempts, isLinkedAgain, isTooOld }
    },
    removeUnlink: async (unlinkId) => {
      await database.run((db) => db.execute(sql`delete from auth.provider_unlinks where unlink_id = ${unlinkId}`))
    },
    giveUp: async (unlinkId, reason) => {
      await database.run((db) =>
        db.execute(sql`
          update auth.provider_unlinks set ended_at = now(), end_reason = ${reason}, subject = null, sealed = null
          where unlink_id = ${unlinkId} and ended_at is null`),
      )
    },
    defer: (unlinkId, delaySeconds, failed) =>
      database.transaction(async (tx) => {
        const { rows } = await tx.execute<CommandRow>(sql`
          update auth.provider_unlinks
          set attempts = attempts + ${failed ? 1 : 0}, retry_at = now() + make_interval(secs => ${delaySeconds + quietSeconds})
          where unlink_id = ${unlinkId} and ended_at is null
          returning unlink_id, event_id, traceparent`)
        await appendCommands(tx, rows, delaySeconds, deps.now())
      }),
  }
}

/** Publishes the commands of unlinks again that have not moved: after two minutes at first, doubled up to two hours. */
export function createProviderUnlinkRedriver(deps: { database: Database; now: () => Date }): () => Promise<number> {
  return () =>
    deps.database.transaction(async (tx) => {
      const { rows } = await tx.execute<CommandRow>(sql`
        update auth.provider_unlinks
        set attempts = attempts + 1, retry_at = now() + make_interval(secs => ${quietSeconds} * 2 ^ least(attempts, 6))
        where unlink_id in (
          select unlink_id from auth.provider_unlinks where ended_at is null and retry_at <= now()
          order by retry_at limit ${unlinksPerRunMax} for update skip locked
        )
        returning unlink_id, event_id, traceparent`)
      await appendCommands(tx, rows, 0, deps.now())
      return rows.length
    })
}

export type RequestUnlinksDeps = { createId: () => string; traceparent: () => string; now: () => Date }

/**
 * Requests the unlink of every identity of the person, in the transaction that deletes the account, with the stored tokens. Where a
 * provider needs tokens and none are stored, it only records the unlink as ended with `no_token`.
 */
export async function requestUnlinks(tx: Queries, deps: RequestUnlinksDeps, userId: string): Promise<void> {
  const { rows: links } = await tx.execute<{ provider: Provider; subject: string }>(
    sql`select provider, subject from auth.identities where user_id = ${userId}`,
  )
  for (const { provider, subject } of links) {
    const unlink = { unlinkId: deps.createId(), eventId: deps.createId(), traceparent: deps.traceparent() }
    const { rows } = await tx.execute<{ is_open: boolean }>(sql`
      insert into auth.provider_unlinks (unlink_id, event_id, traceparent, provider, subject, sealed, access_expires_at,
        retry_at, ended_at, end_reason)
      select ${unlink.unlinkId}, ${unlink.eventId}, ${unlink.traceparent}, link.provider,
        case when possible then link.subject end, sealed, access_expires_at,
        now() + make_interval(secs => ${quietSeconds}),
        case when not possible then now() end, case when not possible then 'no_token' end
      from auth.identities link
      left join auth.provider_tokens tokens on (tokens.provider, tokens.subject) = (link.provider, link.subject)
      cross join lateral (select link.provider = 'kakao' or tokens.sealed is not null as possible) as known
      where (link.provider, link.subject) = (${provider}, ${subject})
      returning ended_at is null as is_open`)
    if (rows[0]?.is_open) await appendEvent(tx, createProviderUnlinkCommand(unlink, deps.now()), 0)
  }
}

async function appendCommands(
  tx: Queries,
  rows: readonly CommandRow[],
  delaySeconds: number,
  now: Date,
): Promise<void> {
  for (const { unlink_id: unlinkId, event_id: eventId, traceparent } of rows) {
    await appendEvent(tx, createProviderUnlinkCommand({ unlinkId, eventId, traceparent }, now), delaySeconds)
  }
}
