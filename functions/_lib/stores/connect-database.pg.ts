import type { OpenFunction } from '../process/compose-function.ts'
import { type Database, openDatabase } from './database.pg.ts'

type MaybeOverridden = { DATABASE_CONNECTIONS_MAX?: number | undefined }

type WithDatabase<Login extends string> = Pick<OpenFunction, 'log' | 'closeLater'> & {
  config: Readonly<Record<Login, string>> & MaybeOverridden
  variables: Readonly<Record<Login, { connectionsMax: number }>>
}

/**
 * Opens the database of a function, with the number of connections that its `function.ts` declares, and closes it with the function.
 * `login` is the variable with its address, `DATABASE_URL` by default. `statementTimeoutMs` is the deadline of one statement, 5000 by
 * default.
 *
 * @example
 * const database = connectDatabase(fn)
 * const wasteDatabase = connectDatabase(fn, { login: 'WASTE_DATABASE_URL' })
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
