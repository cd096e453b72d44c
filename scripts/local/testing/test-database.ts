import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { type Database, openDatabase } from '../../../functions/_lib/stores/database.pg.ts'
import { silentLog } from '../../../functions/_lib/testing/silent-log.ts'
import type { TestDatabase } from '../../../functions/_lib/testing/test-backends.ts'
import { urlForDomain } from '../../migration/domain-roles.ts'
import { recordStatements } from './statements/record-statements.ts'

export type { TestDatabase }

export const templateName = 'growbin_template'

/** A database for this test file alone: migrated, with the rule base loaded. */
export async function createTestDatabase(): Promise<TestDatabase> {
  recordStatements(inject('statementsFile'))
  const serverUrl = inject('postgresUrl')
  const name = `test_${randomBytes(8).toString('hex')}`
  await onServer(serverUrl, `create database ${name} template ${templateName} strategy file_copy`)
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  // Dropping the database ends connections that are still closing. The pool handles errors of idle ones only.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const opened: Database[] = []
  return {
    url,
    query: async (text, values) => (await pool.query(text, values)).rows,
    urlOf: (domain) => urlForDomain(url, domain),
    openAs: (domain) => {
      const database = openDatabase({ url: urlForDomain(url, domain), log: silentLog })
      opened.push(database)
      return database
    },
    close: async () => {
      await Promise.all(opened.map((database) => database.close()))
      await pool.end()
      await onServer(serverUrl, `drop database ${name} with (force)`)
    },
  }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
