import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

const lockKey = 4_707_332_946
const lockPollMs = 200
const connectTimeoutMs = 10_000
/** A change of a table that waits for a long transaction makes every statement behind it wait too; it gives up and is run again. */
const tableLockTimeoutMs = 5_000
const statementTimeoutMs = 15 * 60_000

export type ClientOptions = {
  databaseUrl: string
  /** How long to wait for another migration to end. */
  lockTimeoutMs: number
}

/** Runs work on a connection that is the only one to migrate this database. Throws when another one holds the lock for too long. */
export async function withMigrationLock<T>(
  options: ClientOptions,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return withMigrationClient(options.databaseUrl, async (client) => {
    await takeLock(client, options.lockTimeoutMs)
    return work(client)
  })
}

/** A connection with a deadline for each statement. Closing it releases whatever it holds. */
export async function withMigrationClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'growbin-migrate',
    connectionTimeoutMillis: connectTimeoutMs,
    lock_timeout: tableLockTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 5_000,
  })
  // A connection that is lost is reported by the statement that needs it.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

// Asked again and again, not waited for: a statement that waits has a snapshot, for which "create index concurrently" of the one that
// holds the lock would wait in turn.
async function takeLock(client: pg.Client, timeoutMs: number): Promise<void> {
  const endMs = performance.now() + timeoutMs
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [lockKey])
    if (rows[0]?.taken) return
    if (performance.now() >= endMs) {
      throw new Error(
        `Another program has migrated this database for ${timeoutMs / 1000} s; find it by "select * from pg_stat_activity where application_name = 'growbin-migrate'"`,
      )
    }
    await sleep(lockPollMs)
  }
}
