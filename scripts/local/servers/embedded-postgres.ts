import { resolve } from 'node:path'
import { Client, escapeIdentifier } from 'pg'
import postgresql from '../../config/postgresql.json' with { type: 'json' }
import { checkPortFree, findFreePort } from './ports/free-port.ts'
import { prepareCluster, SUPERUSER } from './postgres-cluster.ts'
import { spawnTied } from './spawn-tied.ts'
import { waitUntilAnswers } from './wait-until.ts'

export const MAIN_DATABASE = 'growbin'
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 20_000

export type EmbeddedPostgresOptions = {
  /** Keeps the cluster and the password of its superuser between runs. */
  directory: string
  /** 0 takes any free port. */
  port: number
  log: (line: string) => void
  /** Aborts the start; nothing of it runs once it has thrown. */
  signal?: AbortSignal
  settings?: {
    /** 'durable' survives a power cut; 'disposable' is for tests: nothing is forced to disk. */
    durability?: 'durable' | 'disposable'
    /** Any parameter of postgresql.conf. */
    parameters?: Record<string, string | number>
  }
}

export type EmbeddedPostgres = {
  /** Address of the database "growbin" as superuser. */
  url: string
  port: number
  urlOf: (database: string) => string
  /** Creates a database if there is none of that name, as a copy of the template if one is given, and returns its URL. */
  createDatabase: (name: string, template?: string) => Promise<string>
  /** Removes a database, and ends its connections. */
  dropDatabase: (name: string) => Promise<void>
  close: () => Promise<void>
}

const LOCAL_PARAMETERS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: postgresql.max_connections,
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  // Worker processes for reading ahead would be most of the server on a small machine.
  io_method: 'sync',
  jit: 'off',
  autovacuum_naptime: '30s',
  log_min_messages: 'warning',
  timezone: 'UTC',
  log_timezone: 'UTC',
}
const DISPOSABLE_PARAMETERS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
}

/** Starts an embedded PostgreSQL server, with UTF-8 text that sorts by code point on every platform. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, signal, settings: { durability = 'durable', parameters = {} } = {} } = options
  const { cluster, binaries, account, password } = await prepareCluster({
    directory: resolve(options.directory),
    durability,
    log,
    ...(signal && { signal }),
  })
  signal?.throwIfAborted()
  const port = options.port === 0 ? await findFreePort() : options.port
  await checkPortFree(port, 'PostgreSQL')

  const chosen = { ...LOCAL_PARAMETERS, ...(durability === 'disposable' && DISPOSABLE_PARAMETERS), ...parameters, port }
  const tied = await spawnTied({
    command: binaries.postgres,
    args: ['-D', cluster, ...Object.entries(chosen).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    directory: cluster,
    // "Fast shutdown": ends sessions and writes a checkpoint. SIGTERM would wait for every client to disconnect.
    stopSignal: 'SIGINT',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    log,
    ...account,
  })

  const urlOf = (database: string) =>
    `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`
  async function query(text: string, values: unknown[] = []) {
    const client = new Client({ connectionString: urlOf('postgres'), connectionTimeoutMillis: 5_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.query(text, values)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
  await waitUntilAnswers('PostgreSQL', tied, START_TIMEOUT_MS, () => query('SELECT 1'), signal)

  async function createDatabase(name: string, template?: string): Promise<string> {
    const found = await query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (found.rowCount === 0) {
      const copied = template === undefined ? '' : ` TEMPLATE ${escapeIdentifier(template)}`
      // Copying files needs checkpoints, which cost little only where nothing is forced to disk.
      const strategy = durability === 'disposable' ? 'file_copy' : 'wal_log'
      await query(`CREATE DATABASE ${escapeIdentifier(name)}${copied} STRATEGY ${strategy}`)
    }
    return urlOf(name)
  }

  try {
    await createDatabase(MAIN_DATABASE)
  } catch (cause) {
    await tied.stop()
    throw cause
  }
  return {
    url: urlOf(MAIN_DATABASE),
    port,
    urlOf,
    createDatabase,
    async dropDatabase(name) {
      await query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`)
    },
    close: tied.stop,
  }
}
