import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Account, findClosedFolder, findPostgresAccount } from './postgres-account.ts'
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts'
import { clearStalePostmaster } from './stale-postmaster.ts'

export const SUPERUSER = 'growbin_admin'
const MAJOR_VERSION = '18'

export type ClusterOptions = {
  /** Holds the cluster and the password of its superuser. */
  directory: string
  durability: 'durable' | 'disposable'
  log: (line: string) => void
  signal?: AbortSignal
}

export type Cluster = {
  /** The data directory, which no server uses. */
  cluster: string
  binaries: PostgresBinaries
  /** The account of the server, when this process may not run it itself. */
  account: Account | undefined
  password: string
}

/** Creates what a server needs to start, or finds it as left by an earlier run. */
export async function prepareCluster(options: ClusterOptions): Promise<Cluster> {
  const { directory } = options
  const cluster = join(directory, 'cluster')
  const binaries = await findPostgresBinaries()
  await mkdir(directory, { recursive: true })
  const account = await findPostgresAccount(cluster)
  if (account) await openToAccount(directory, binaries, account)
  await clearStalePostmaster(cluster)
  const password = await readOrMakePassword(directory)
  await makeCluster(cluster, options, binaries, account)
  return { cluster, binaries, account, password }
}

async function openToAccount(directory: string, { postgres }: PostgresBinaries, account: Account) {
  await chown(directory, account.uid, account.gid)
  const closed = (await findClosedFolder(directory, account)) ?? (await findClosedFolder(dirname(postgres), account))
  if (closed)
    throw new Error(
      `PostgreSQL cannot run as root, and the user it runs as (uid ${account.uid}) may not enter "${closed}"; ` +
        `run "chmod o+x ${closed}", move the repository out of it, or start as an ordinary user.`,
    )
}

async function readOrMakePassword(directory: string): Promise<string> {
  const file = join(directory, 'superuser-password')
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  if (kept) return kept.trim()
  const made = randomBytes(18).toString('base64url')
  await writeFile(file, `${made}\n`, { mode: 0o600 })
  return made
}

/** Creates the cluster in a temporary folder and moves it when complete, so that a killed run leaves no partial cluster. */
async function makeCluster(
  cluster: string,
  { directory, durability, log, signal }: ClusterOptions,
  binaries: PostgresBinaries,
  account: Account | undefined,
): Promise<void> {
  const found = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (found?.trim() === MAJOR_VERSION) return
  if (found !== undefined)
    throw new Error(
      `The database in "${cluster}" is of PostgreSQL ${found.trim()}; expected ${MAJOR_VERSION}. Move it away to start a new one.`,
    )
  const partial = join(directory, 'cluster.partial')
  await rm(partial, { recursive: true, force: true })
  const passwordFile = join(directory, 'superuser-password')
  if (account) await chown(passwordFile, account.uid, account.gid)
  await chmod(passwordFile, 0o600)
  log('PostgreSQL: creating a new cluster')
  await promisify(execFile)(
    binaries.initdb,
    [
      ...['--pgdata', partial, '--username', SUPERUSER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
      ...(durability === 'disposable' ? ['--no-sync', '--no-data-checksums'] : []),
    ],
    { cwd: directory, env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }, ...account, ...(signal && { signal }) },
  ).catch(async (error) => {
    // The server that initdb runs may write for a moment longer than initdb itself.
    await rm(partial, { recursive: true, force: true, maxRetries: 10 })
    throw error
  })
  await rename(partial, cluster)
}
