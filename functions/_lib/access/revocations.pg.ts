import { sql } from 'drizzle-orm'
import { UnavailableError } from '../http/errors.ts'
import type { Logger } from '../process/log.ts'
import type { Database } from '../stores/database.pg.ts'

/** What a signed token cannot show: which sessions ended lately, and which keys are revoked. */
export type Revocations = { sessionIds: ReadonlySet<string>; keyIds: ReadonlySet<string> }

/** Resolves to revocations that are at most a minute old. Throws `UnavailableError` while none could be read yet. */
export type ReadRevocations = () => Promise<Revocations>

/** The views that publish them, each with its schema: `session_id` of the first, `key_id` of the second. */
export type RevocationViews = { endedSessions: string; revokedKeys: string }

export type RevocationOptions = { database: Database; views: RevocationViews; log: Logger; nowMs?: () => number }

const refreshAfterMs = 20_000
const awaitAfterMs = 45_000
/** While the first read fails, requests are refused at once instead of each waiting for a connection. */
const retryFirstReadAfterMs = 1_000

/**
 * Keeps the revocations in memory and returns their reader. They are read again in the background while requests come, so that only
 * the first request after a pause waits. While PostgreSQL is unavailable the last revocations stay in force, since refusing every
 * request would turn the outage of one store into an outage of the API. An instance that has read none refuses every request, since
 * it could not tell an ended session or a leaked key from a valid one. `nowMs` is milliseconds since 1970.
 *
 * @example
 * const readRevocations = createRevocationReader({ database, views: revocationViews, log })
 * const { sessionIds, keyIds } = await readRevocations()
 */
export function createRevocationReader(options: RevocationOptions): ReadRevocations {
  const nowMs = options.nowMs ?? Date.now
  let known: Revocations | undefined
  let triedAtMs = Number.NEGATIVE_INFINITY
  let failure: unknown
  let reading: Promise<void> | undefined

  const read = async () => {
    const startedMs = nowMs()
    try {
      known = await readRevocations(options.database, options.views)
    } catch (error) {
      failure = error
      options.log.warn('The revocations could not be read; the last ones stay in force', { error })
    }
    triedAtMs = startedMs
    reading = undefined
  }

  return async () => {
    const ageMs = nowMs() - triedAtMs
    if (ageMs > (known ? refreshAfterMs : retryFirstReadAfterMs)) reading ??= read()
    if (reading && (!known || ageMs > awaitAfterMs)) await reading
    if (!known) throw new UnavailableError('postgresql', 'The revocations are not known yet', { cause: failure })
    return known
  }
}

async function readRevocations(database: Database, views: RevocationViews): Promise<Revocations> {
  // PostgreSQL takes no parameter for the name of a view; these are constants of `_contracts`.
  const { rows } = await database.run((db) =>
    db.execute<{ session_id: string | null; key_id: string | null }>(sql`
      select session_id, null as key_id from ${sql.raw(views.endedSessions)}
      union all select null, key_id from ${sql.raw(views.revokedKeys)}`),
  )
  return {
    sessionIds: new Set(rows.flatMap(({ session_id: id }) => (id === null ? [] : [id]))),
    keyIds: new Set(rows.flatMap(({ key_id: id }) => (id === null ? [] : [id]))),
  }
}
