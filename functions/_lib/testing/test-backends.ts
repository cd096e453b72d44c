import type pg from 'pg'
import type { Database } from '../stores/database.pg.ts'

/** A migrated PostgreSQL database of one test file. */
export type TestDatabase = {
  /** As superuser, for arranging and asserting. */
  url: string
  query: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>
  /** As the role of one domain, as its functions connect. */
  urlOf: (domain: string) => string
  openAs: (domain: string) => Database
  close: () => Promise<void>
}

/** The servers under the functions of a test. A test starts them and passes them to what it shares with other tests. */
export type TestBackends = {
  database: TestDatabase
  /** The variables of all servers, for the functions of one domain. `BROKER_URL` is an address where nothing listens. */
  environmentOf: (domain: string) => Record<string, string>
  close: () => Promise<void>
}
