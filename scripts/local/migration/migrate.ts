import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import pg from 'pg'
import { type MigratedDomain, migratedDomains, migrationsOf } from './domains.ts'

const repository = join(import.meta.dirname, '../../..')
const lockKey = 4_707_332_946

/**
 * Brings every domain's schema up to date. Safe to run twice and at the same time. Needs a role that may create roles.
 * Throws when the database was migrated by a file that is changed or gone.
 */
export async function migrateAll(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'growbin-migrate' })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey])
    await client.query('create schema if not exists migrations')
    for (const domain of migratedDomains) await createRole(client, domain)
    for (const domain of migratedDomains) await migrateDomain(client, domain)
  } finally {
    await client.end()
  }
}

const roleOf = (domain: string) => `growbin_${domain}`

/** The role cannot log in: each function's login is a member of the roles that it acts as. */
async function createRole(client: pg.Client, domain: MigratedDomain): Promise<void> {
  // Roles belong to the server, not to the database: another database may have made it, at this very moment.
  await client.query(`do $$ begin create role ${roleOf(domain)} nologin;
    exception when duplicate_object or unique_violation then null; end $$`)
}

// Not by drizzle's own migrator: here each domain's migrations run as the role of the domain, which so owns what they make and
// cannot touch what is another domain's.
async function migrateDomain(client: pg.Client, domain: MigratedDomain): Promise<void> {
  const migrationsFolder = join(repository, migrationsOf(domain))
  if (!existsSync(migrationsFolder)) return
  const journal = `migrations.${domain}`
  await client.query(`create schema if not exists ${domain} authorization ${roleOf(domain)}`)
  await client.query(`create table if not exists ${journal}
    (hash text primary key, made_at bigint not null, migrated_at timestamptz not null default now())`)
  const { rows } = await client.query<{ hash: string }>(`select hash from ${journal}`)
  const migrations = readMigrationFiles({ migrationsFolder })
  const done = new Set(rows.map(({ hash }) => hash))
  if (migrations.filter(({ hash }) => done.has(hash)).length < done.size) {
    throw new Error(
      `The database was migrated by a file of ${migrationsOf(domain)} that is changed or gone: a migration is never edited once it is deployed. On a laptop delete the data and start again: .local/start, or what --data names`,
    )
  }
  for (const { sql, hash, folderMillis } of migrations.filter(({ hash }) => !done.has(hash))) {
    await client.query('begin')
    await client.query(`set local role ${roleOf(domain)}`)
    for (const statement of sql) await client.query(statement)
    await client.query('reset role')
    await client.query(`insert into ${journal} (hash, made_at) values ($1, $2)`, [hash, folderMillis])
    await client.query('commit')
  }
}

/** The address of a database for one domain: every session acts as the role of that domain. */
export function urlForDomain(databaseUrl: string, domain: string): string {
  const url = new URL(databaseUrl)
  url.searchParams.set('options', `-c role=${roleOf(domain)}`)
  return url.href
}
