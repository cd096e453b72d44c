import pg from 'pg'
import type { Queries } from './world.ts'

/** A connection for each statement: the suite needs one while a fault takes all the others. */
export function createQueries(url: string): Queries {
  return async <Row extends object>(text: string, values?: unknown[]) => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return (await client.query(text, values)).rows as Row[]
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}
