import type pg from 'pg'
import { roleOf } from './domain-roles.ts'
import type { Migration } from './read-migrations.ts'

/** The one kind of statement that PostgreSQL refuses in a transaction and that a migration needs. */
const concurrentIndex = /^\s*create\s+(unique\s+)?index\s+concurrently\s+if\s+not\s+exists\s+"?(?<name>\w+)"?\s+on\s/i
const comments = /^\s*--.*$/gm

/**
 * Applies a migration as the role of its domain, in one transaction with its row in the journal. A migration that is one
 * `create index concurrently if not exists` runs without: what a failed attempt has left is dropped first. Throws what PostgreSQL says,
 * with the name of the migration and the number of the statement.
 */
export async function applyMigration(client: pg.Client, migration: Migration): Promise<void> {
  const indexes = migration.statements.filter((statement) =>
    /\bconcurrently\b/i.test(statement.replaceAll(comments, '')),
  )
  if (indexes.length > 0) return applyConcurrently(client, migration)
  await client.query('begin')
  try {
    await client.query(`set local role ${roleOf(migration.domain)}`)
    for (const [index, statement] of migration.statements.entries()) {
      await client.query(statement).catch((error: Error) => explain(error, migration, index))
    }
    await client.query('reset role')
    await insertRow(client, migration)
    await client.query('commit')
  } catch (error) {
    // On a lost connection the server has rolled back already.
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

async function applyConcurrently(client: pg.Client, migration: Migration): Promise<void> {
  const { domain, tag, statements } = migration
  const [statement = '', ...others] = statements
  const name = concurrentIndex.exec(statement.replaceAll(comments, ''))?.groups?.name
  if (!name || others.length > 0) {
    throw new Error(
      `${domain}/${tag}: an index that is made concurrently is a migration of its own, "create index concurrently if not exists <name> on …"`,
    )
  }
  await client.query(`set role ${roleOf(domain)}`)
  try {
    const { rows } = await client.query(
      `select from pg_index join pg_class on pg_class.oid = indexrelid
       where not indisvalid and relname = $1 and relnamespace = to_regnamespace($2)`,
      [name, domain],
    )
    if (rows.length > 0) await client.query(`drop index concurrently ${domain}."${name}"`)
    await client.query(statement).catch((error: Error) => explain(error, migration, 0))
  } finally {
    await client.query('reset role').catch(() => undefined)
  }
  await insertRow(client, migration)
}

async function insertRow(client: pg.Client, { domain, hash, madeAt }: Migration): Promise<void> {
  await client.query(`insert into migrations.${domain} (hash, made_at) values ($1, $2)`, [hash, madeAt])
}

function explain(error: Error, { domain, tag }: Migration, index: number): never {
  throw new Error(`${domain}/${tag}, statement ${index + 1}: ${error.message}`, { cause: error })
}
