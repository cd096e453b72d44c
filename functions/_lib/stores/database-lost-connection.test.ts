import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { UnavailableError } from '../http/errors.ts'
import { silentLog } from '../testing/silent-log.ts'
import { openDatabase } from './database.pg.ts'

let server: TestDatabase
beforeAll(async () => {
  server = await createTestDatabase()
})
afterAll(() => server.close())

it('outlives the loss of a connection in an idle transaction, and reports PostgreSQL as unavailable', async () => {
  const database = openDatabase({ url: server.url, log: silentLog })
  const lost = database.transaction(async (tx) => {
    const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
    await server.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid])
    await tx.execute(sql`select 1`)
  })
  await expect(lost).rejects.toThrow(UnavailableError)
  expect(await database.run(async (db) => (await db.execute(sql`select 1 as one`)).rows)).toEqual([{ one: 1 }])
  await database.close()
})
