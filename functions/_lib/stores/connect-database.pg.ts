import type { OpenFunction } from '../process/compose-function.ts'
import { type Database, openDatabase } from './database.pg.ts'

type MaybeOverridden = { DATABASE_CONNECTIONS_MAX?: number | undefined }

type WithDatabase<Login extends string> = Pick<OpenFunction, 'log' | 'closeLater'> & {
  config: Readonly<Record<Login, string>> & MaybeOverridden
  variables: Readonly<Record<Login, { connectionsMax: number }>>
}

/**
 * Opens PostgreSQL for a function, with as many connections as its description allows. `login` is the variable that holds the
 * address: `DATABASE_URL`, unless the function has several. `statementTimeoutMs` is the deadline of one statement.
 */
export function connectDatabase<Login extends `${string}DATABASE_URL` = 'DATABASE_URL'>(
  fn: WithDatabase<Login>,
  options: { login?: Login; statementTimeoutMs?: number } = {},
): Database {
  const { login = 'DATABASE_URL' as Login, ...rest } = options
  const addresses: Readonly<Record<Login, string>> = fn.config
  const connectionsMax = fn.config.DATABASE_CONNECTIONS_MAX ?? fn.variables[login].connectionsMax
  return fn.closeLater(openDatabase({ url: addresses[login], connectionsMax, log: fn.log, ...rest }))
}
