import { join } from 'node:path'
import { migratedDomains } from './domains.ts'
import { findPending, nameOf } from './migrate.ts'
import { withMigrationClient } from './migration-client.ts'
import { readMigrations } from './read-migrations.ts'

/** The names of the migrations that would be applied, in their order. Changes nothing and takes no lock. */
export async function planMigrations(
  databaseUrl: string,
  { root = join(import.meta.dirname, '../..') }: { root?: string } = {},
): Promise<string[]> {
  return withMigrationClient(databaseUrl, async (client) => {
    await client.query('set default_transaction_read_only = on')
    const names: string[] = []
    for (const domain of migratedDomains) {
      const migrations = await readMigrations(root, domain)
      if (migrations.length === 0) continue
      const { rows } = await client.query<{ journal: string | null }>('select to_regclass($1) as journal', [
        `migrations.${domain}`,
      ])
      const pending = rows[0]?.journal ? await findPending(client, { domain, migrations }) : migrations
      names.push(...pending.map(nameOf))
    }
    return names
  })
}
