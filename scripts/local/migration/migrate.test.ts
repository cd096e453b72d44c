import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { migrateAll } from './migrate.ts'

let admin: pg.Client
let name: string
let url: string

beforeEach(async () => {
  const server = inject('postgresUrl')
  admin = new pg.Client({ connectionString: server })
  await admin.connect()
  name = `migrate_${randomBytes(6).toString('hex')}`
  await admin.query(`create database ${name}`)
  url = Object.assign(new URL(server), { pathname: `/${name}` }).href
})
afterEach(async () => {
  await admin.query(`drop database ${name} with (force)`)
  await admin.end()
})

async function query(text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

it('makes each thing once, even when two migrate an empty database at the same time, and again later', async () => {
  await Promise.all([migrateAll(url), migrateAll(url)])
  const once = await query('select hash, made_at, migrated_at from migrations.waste order by made_at')
  expect(once.length).toBeGreaterThan(1)
  await migrateAll(url)
  expect(await query('select hash, made_at, migrated_at from migrations.waste order by made_at')).toEqual(once)
}, 60_000)

it('refuses a database that was migrated by a file that is changed or gone', async () => {
  await migrateAll(url)
  await query(`update migrations.waste set hash = 'other' where made_at = (select max(made_at) from migrations.waste)`)
  await expect(migrateAll(url)).rejects.toThrow(
    /^The database was migrated by a file of functions\/waste\/migrations that is changed or gone/,
  )
}, 60_000)
