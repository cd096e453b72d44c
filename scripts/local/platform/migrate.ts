import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { repositoryRoot } from './function-catalogue.ts'

// Events first: its first migration makes the roles of all domains.
export const migratedDomains = ['events', 'auth', 'users', 'recycling', 'locations', 'waste', 'chat'] as const

const lockKey = 4_707_332_946

/** Brings every domain's schema up to date. Safe to run twice and at the same time. Needs a role that may create roles. */
export async function migrateAll(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'growbin-migrate' })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey])
    for (const domain of migratedDomains) {
      const migrationsFolder = join(repositoryRoot, 'functions', domain, 'migrations')
      if (!existsSync(migrationsFolder)) continue
      await migrate(drizzle({ client }), {
        migrationsFolder,
        migrationsSchema: 'migrations',
        migrationsTable: domain,
      })
    }
  } finally {
    await client.end()
  }
}

/** The address of a database for one domain: every session acts as the role of that domain. */
export function urlForDomain(databaseUrl: string, domain: string): string {
  const url = new URL(databaseUrl)
  url.searchParams.set('options', `-c role=growbin_${domain}`)
  return url.href
}
