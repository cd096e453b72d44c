import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { acquireTestPostgres, type TestPostgres } from './test-postgres.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await acquireTestPostgres()
}, 60_000)
afterAll(() => postgres.close())

async function withClient<Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

const countRows = (url: string) =>
  withClient(url, async (client) => (await client.query('SELECT count(*)::int AS n FROM bins')).rows[0]?.n)

it('gives every test file its own copy of the template, and removes it even with open connections', async () => {
  await postgres.createTemplate('template_one', (url) =>
    withClient(url, async (client) => {
      await client.query('CREATE TABLE bins AS SELECT 1 AS id')
    }),
  )
  const [one, other] = await Promise.all([
    postgres.createTestDatabase('one', 'template_one'),
    postgres.createTestDatabase('other', 'template_one'),
  ])
  await withClient(one.url, async (client) => {
    await client.query('INSERT INTO bins VALUES (2)')
    expect(await countRows(one.url)).toBe(2)
    expect(await countRows(other.url)).toBe(1)
    await one.drop()
  })
  await expect(countRows(one.url)).rejects.toThrow('does not exist')
})

it('replaces a test database and a template of an earlier run', async () => {
  const fill = (rows: number) => (url: string) =>
    withClient(url, async (client) => {
      await client.query('CREATE TABLE bins AS SELECT generate_series(1, $1::int) AS id', [rows])
    })
  await postgres.createTemplate('template_two', fill(1))
  await postgres.createTestDatabase('again', 'template_two')
  await postgres.createTemplate('template_two', fill(3))
  expect(await countRows((await postgres.createTestDatabase('again', 'template_two')).url)).toBe(3)
})
