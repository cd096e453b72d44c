import { sql } from 'drizzle-orm'
import { UnavailableError } from '../http/errors.ts'
import type { Logger } from '../process/log.ts'
import type { Database } from '../stores/database.pg.ts'

/** What a signed token cannot say of itself: which sessions ended lately, and which keys are revoked. */
export type Revocations = { sessionIds: ReadonlySet<string>; keyIds: ReadonlySet<string> }

/** Resolves to revocations that are at most a minute old. Throws `UnavailableError` while none could be read yet. */
export type ReadRevocations = () => Promise<Revocations>

export type RevocationOptions = { database: Database; log: Logger; nowMs?: () => number }

const refreshAfterMs = 20_000
const awaitAfterMs = 45_000
/** While the first read fails, requests are refused at once instead of each waiting for a connection. */
const retryFirstReadAfterMs = 1_000

/**
 * Keeps the revocations in memory. Read in the background while requests come, so that no request waits for it but the first
 * after a pause. While PostgreSQL is down the last ones stay in force: refusing everybody would turn a fault of one store into a
 * fault of all. An instance that has read none refuses, since an ended session or a stolen key would pass for a good one.
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
      known = await readRevocations(options.database)
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

async function readRevocations(database: Database): Promise<Revocations> {
  const { rows } = await database.run((db) =>
    db.execute<{ session_id: string | null; key_id: string | null }>(sql`
      select session_id, null as key_id from auth.ended_sessions_v1
      union all select null, key_id from auth.revoked_keys_v1`),
  )
  return {
    sessionIds: new Set(rows.flatMap(({ session_id: id }) => (id === null ? [] : [id]))),
    keyIds: new Set(rows.flatMap(({ key_id: id }) => (id === null ? [] : [id]))),
  }
}
