import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { UnavailableError } from '../http/errors.ts'
import type { Logger } from '../process/log.ts'
import { DatabaseError, toDatabaseError } from './database-error.ts'

export type Queries = NodePgDatabase<Record<string, never>>

/** PostgreSQL. Throws `UnavailableError` while the server is unavailable, and `DatabaseError` for other failed statements. */
export type Database = {
  run: <T>(query: (db: Queries) => Promise<T>) => Promise<T>
  /** One transaction, read committed; rolled back when `work` throws. */
  transaction: <T>(work: (tx: Queries) => Promise<T>) => Promise<T>
  close: () => Promise<void>
}

export type DatabaseOptions = {
  url: string
  log: Logger
  /** Largest number of connections of this process; 4 by default. */
  connectionsMax?: number
  /** Deadline of one statement in milliseconds; 5000 by default. */
  statementTimeoutMs?: number
}

const connectTimeoutMs = 2_000
// Longer than the interval of a status poll, so that a poll does not open a connection.
const idleTimeoutMs = 30_000
const closeTimeoutMs = 1_000

/**
 * Opens a pool of connections to PostgreSQL, which connects at the first use. Every statement has a deadline. `run` and `transaction`
 * throw `UnavailableError` while PostgreSQL is unavailable, and `DatabaseError` for any other failed statement.
 *
 * @example
 * const database = fn.closeLater(openDatabase({ url: config.DATABASE_URL, connectionsMax: 3, log }))
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
    // The server's own timeout expires first; this one is for a server that does not answer.
    query_timeout: statementTimeoutMs + 1_000,
    allowExitOnIdle: true,
  })
  // Without a listener a lost idle connection would end the process.
  pool.on('error', (error) => {
    if (!pool.ending) options.log.warn('An idle PostgreSQL connection was lost', { error })
  })
  // The pool listens only to idle connections. One that is lost between two statements of a transaction is reported by the
  // next statement.
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

/** `pool.end()` resolves before its connections are closed, and a server that stops next would report them as lost. */
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
 * Rolls back, or closes a connection that is lost. The transaction of drizzle-orm would keep a lost connection in the pool, and never
 * release one when "begin" fails.
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
