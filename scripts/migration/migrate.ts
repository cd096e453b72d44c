import { join } from 'node:path'
import type pg from 'pg'
import { applyMigration } from './apply-migration.ts'
import { prepareRoles, roleOf } from './domain-roles.ts'
import { type MigratedDomain, migratedDomains, migrationsOf } from './domains.ts'
import { withMigrationLock } from './migration-client.ts'
import { type Migration, readMigrations } from './read-migrations.ts'

const repository = join(import.meta.dirname, '../..')

export type MigrateOptions = {
  /** The folder that holds `functions`. Default: this repository. */
  root?: string
  /** How long to wait for another program that migrates. Default: a minute. */
  lockTimeoutMs?: number
  /** Receives a line for each migration, with its time. */
  report?: (line: string) => void
}

const lockTimeoutMsDefault = 60_000

/**
 * Brings every domain's schema up to date, and then runs what else needs the lock. Safe to run twice and at the same time. Needs a role
 * that may create roles, and schemas in this database. Throws when the database was migrated by a file that is changed or gone.
 */
export async function migrateAll(
  databaseUrl: string,
  { root = repository, lockTimeoutMs = lockTimeoutMsDefault, report = () => undefined }: MigrateOptions = {},
  andThen: (client: pg.Client) => Promise<void> = async () => undefined,
): Promise<void> {
  await withMigrationLock({ databaseUrl, lockTimeoutMs }, async (client) => {
    await prepareRoles(client)
    await client.query('create schema if not exists migrations')
    for (const domain of migratedDomains) {
      for (const migration of await prepareDomain(client, { root, domain })) {
        const startedMs = performance.now()
        await applyMigration(client, migration)
        report(`${nameOf(migration)} applied in ${Math.round(performance.now() - startedMs)} ms`)
      }
    }
    await andThen(client)
  })
}

// Not by drizzle's own migrator: here each domain's migrations run as the role of the domain, which so owns what they make and
// cannot touch what is another domain's.
async function prepareDomain(
  client: pg.Client,
  { root, domain }: { root: string; domain: MigratedDomain },
): Promise<Migration[]> {
  const migrations = await readMigrations(root, domain)
  if (migrations.length === 0) return []
  await client.query(`create schema if not exists ${domain} authorization ${roleOf(domain)}`)
  await client.query(`create table if not exists migrations.${domain}
    (hash text primary key, made_at bigint not null, migrated_at timestamptz not null default now())`)
  return findPending(client, { domain, migrations })
}

/** The migrations of a domain that this database does not have yet. Throws when it has one that is changed or gone. */
export async function findPending(
  client: pg.Client,
  { domain, migrations }: { domain: MigratedDomain; migrations: readonly Migration[] },
): Promise<Migration[]> {
  const { rows } = await client.query<{ hash: string }>(`select hash from migrations.${domain}`)
  const done = new Set(rows.map(({ hash }) => hash))
  if (migrations.filter(({ hash }) => done.has(hash)).length < done.size) {
    throw new Error(
      `The database was migrated by a file of ${migrationsOf(domain)} that is changed or gone: a migration is never edited once it is deployed. On a laptop delete the data and start again: .local/start, or what --data names`,
    )
  }
  return migrations.filter(({ hash }) => !done.has(hash))
}

export const nameOf = ({ domain, tag }: Migration): string => `${domain}/${tag}`
