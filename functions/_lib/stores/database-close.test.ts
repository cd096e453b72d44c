import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { openDatabase } from './database.pg.ts'

let server: TestDatabase
beforeAll(async () => {
  server = await createTestDatabase()
})
afterAll(() => server.close())

it('has no connection left at the server when it is closed, and warns of none', async () => {
  const warnings: string[] = []
  const ignore = () => undefined
  const log = { debug: ignore, info: ignore, error: ignore, warn: (message: string) => void warnings.push(message) }
  const url = new URL(server.url)
  url.searchParams.set('application_name', 'closing')
  for (let round = 0; round < 10; round += 1) {
    const database = openDatabase({ url: url.href, log })
    await Promise.all(Array.from({ length: 4 }, () => database.run((db) => db.execute('select pg_sleep(0.01)'))))
    await database.close()
    const left = await server.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'closing'",
    )
    expect(left).toEqual([])
  }
  expect(warnings).toEqual([])
})
