import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { UnavailableError } from '../http/errors.ts'
import type { Logger } from '../process/log.ts'
import { DatabaseError, toDatabaseError } from './database-error.ts'

export type Queries = NodePgDatabase<Record<string, never>>

/** PostgreSQL. Errors come out as `DatabaseError` or, when the server cannot be reached, `UnavailableError`. */
export type Database = {
  run: <T>(query: (db: Queries) => Promise<T>) => Promise<T>
  /** One transaction, read committed; rolled back when `work` throws. */
  transaction: <T>(work: (tx: Queries) => Promise<T>) => Promise<T>
  close: () => Promise<void>
}

export type DatabaseOptions = {
  url: string
  log: Logger
  /** Connections of this process at most. */
  connectionsMax?: number
  /** Deadline of one statement. */
  statementTimeoutMs?: number
}

const connectTimeoutMs = 2_000
// Longer than the gap between two polls of one person, so that a poll does not pay for a connection.
const idleTimeoutMs = 30_000
const closeTimeoutMs = 1_000

/**
 * A pool of connections to PostgreSQL, which connects at the first use. Every statement has a deadline. What it runs throws
 * `UnavailableError` while PostgreSQL cannot be reached, and `DatabaseError` for a statement that PostgreSQL refuses.
 *
 * @example
 * const database = resources.add(openDatabase({ url: config.DATABASE_URL, connectionsMax: 3, log }))
 * const rows = await database.run((db) => db.select().from(jobs))
 */
export function openDatabase(options: DatabaseOptions): Database {
  const statementTimeoutMs = options.statementTimeoutMs ?? 5_000
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connectionsMax ?? 4,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // The server's own timeout comes first; this one covers a server that does not answer at all.
    query_timeout: statementTimeoutMs + 1_000,
    allowExitOnIdle: true,
  })
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', (error) => {
    if (!pool.ending) options.log.warn('An idle PostgreSQL connection was lost', { error })
  })
  // The pool listens to idle connections only, and one that waits in a transaction can be lost as well: its next statement
  // then fails, which is enough.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const closed = trackConnections(pool)
  const db: Queries = drizzle({ client: pool })

  return {
    run: (query) => query(db).catch(rethrow),
    transaction: async (work) => {
      const client = await pool.connect().catch(rethrow)
      try {
        await client.query('begin')
        const result = await work(drizzle({ client }))
        await client.query('commit')
        client.release()
        return result
      } catch (error) {
        await endFailed(client, error)
        return rethrow(error)
      }
    },
    close: async () => {
      await pool.end()
      await closed()
    },
  }
}

/** `pool.end()` resolves while its connections are still closing, and a server that stops next would call them lost. */
function trackConnections(pool: pg.Pool): () => Promise<void> {
  let open = 0
  let onLast: () => void = () => undefined
  pool.on('connect', () => {
    open += 1
  })
  pool.on('remove', () => {
    open -= 1
    if (open === 0) onLast()
  })
  return async () => {
    if (open <= 0) return
    await new Promise<void>((resolve) => {
      // A server that does not answer closes nothing.
      const deadline = setTimeout(resolve, closeTimeoutMs)
      onLast = () => {
        clearTimeout(deadline)
        resolve()
      }
    })
  }
}

/**
 * Rolls back, or closes the connection where nobody may be left to do it. The transaction of drizzle-orm would keep a lost
 * connection in the pool, and never give one back when "begin" fails.
 */
async function endFailed(client: pg.PoolClient, error: unknown): Promise<void> {
  const described = toDatabaseError(error)
  const lost = described instanceof DatabaseError && !described.fromServer
  const rolledBack =
    !lost &&
    (await client.query('rollback').then(
      () => true,
      () => false,
    ))
  client.release(!rolledBack)
}

function rethrow(error: unknown): never {
  const described = toDatabaseError(error)
  if (described instanceof DatabaseError && described.unavailable) {
    throw new UnavailableError('postgresql', described.message, { cause: described })
  }
  throw described
}
