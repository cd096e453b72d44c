import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { type MigratedDomain, migratedDomains, migrationsOf } from './domains.ts'
import { migrateAll } from './migrate.ts'
import { planMigrations } from './plan.ts'

const run = promisify(execFile)
const program = join(import.meta.dirname, 'main.ts')

let admin: pg.Client
let name: string
let url: string
let root: string

beforeEach(async () => {
  const server = inject('postgresUrl')
  admin = new pg.Client({ connectionString: server })
  await admin.connect()
  name = `migrate_${randomBytes(6).toString('hex')}`
  await admin.query(`create database ${name}`)
  url = Object.assign(new URL(server), { pathname: `/${name}` }).href
  root = await mkdtemp(join(tmpdir(), 'growbin-migrations-'))
})
afterEach(async () => {
  await admin.query(`drop database ${name} with (force)`)
  await admin.end()
  await rm(root, { recursive: true, force: true })
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

/** Migrations of one domain alone, each with its text. */
async function writeMigrations(domain: MigratedDomain, files: Record<string, string>): Promise<void> {
  const folder = join(root, migrationsOf(domain))
  await mkdir(join(folder, 'meta'), { recursive: true })
  for (const [tag, text] of Object.entries(files)) await writeFile(join(folder, `${tag}.sql`), text)
  const entries = Object.keys(files).map((tag, index) => ({ tag, when: index }))
  await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ entries }))
}

it('makes each thing once, even when two programs prepare an empty database at the same time, and again later', async () => {
  const environment = { ...process.env, DATABASE_URL: url }
  const start = (...args: string[]) => run(process.execPath, [program, ...args], { env: environment, timeout: 200_000 })
  expect((await start('--plan')).stdout).toContain('  waste/0000_initial\n')

  const both = await Promise.all([start(), start()])
  // One has applied everything while the other waited.
  const applied = both.map(({ stdout }) => stdout.split('\n').filter((line) => / applied in \d+ ms$/.test(line)).length)
  const files = await query(
    migratedDomains
      .filter((domain) => domain !== 'chat')
      .map((domain) => `select 1 from migrations.${domain}`)
      .join(' union all '),
  )
  expect(applied.sort((a, b) => a - b)).toEqual([0, files.length])
  expect(both.map(({ stdout }) => /^rules: (\d+) new/m.exec(stdout)?.[1]).sort()).toEqual(['0', '22'])

  const once = await query('select hash, made_at, migrated_at from migrations.waste order by made_at')
  expect((await start()).stdout).toMatch(/^rules: 0 new, 0 updated, 22 unchanged in \d+ ms\nthe database is up to date/)
  expect(await query('select hash, made_at, migrated_at from migrations.waste order by made_at')).toEqual(once)
  expect((await start('--plan')).stdout).toBe('nothing to apply\n')
}, 300_000)

it('says what is missing without a database', async () => {
  const started = run(process.execPath, [program], { env: { PATH: process.env.PATH }, timeout: 200_000 })
  await expect(started).rejects.toMatchObject({
    code: 1,
    stderr: 'The database was not migrated: The environment has 1 problem(s): "DATABASE_URL" is missing\n',
  })
}, 210_000)

it('migrates by a login whose role is no superuser, owns the database and may create roles', async () => {
  const [owner, login] = [`${name}_owner`, `${name}_login`]
  await admin.query(`create role ${owner} nologin createrole`)
  await admin.query(`create role ${login} login password 'login-password' in role ${owner}`)
  // On this server the roles of the domains exist already; whoever made them has to make the owner a member.
  for (const domain of migratedDomains) {
    await admin.query(
      `do $$ begin create role growbin_${domain} nologin; exception when duplicate_object then null; end $$`,
    )
    await admin.query(`grant growbin_${domain} to ${owner}`)
  }
  await admin.query(`alter database ${name} owner to ${owner}`)
  try {
    const address = Object.assign(new URL(url), { username: login, password: 'login-password' })
    address.searchParams.set('options', `-c role=${owner}`)
    await migrateAll(address.href)
    expect(await query(`select nspowner::regrole::text as owner from pg_namespace where nspname = 'waste'`)).toEqual([
      { owner: 'growbin_waste' },
    ])
  } finally {
    await admin.query(`drop database ${name} with (force)`)
    for (const role of [login, owner]) await admin.query(`drop role ${role}`)
    await admin.query(`create database ${name}`)
  }
}, 60_000)

it('leaves nothing of a migration that fails, names its statement, and continues there once it is mended', async () => {
  const good = 'create table recycling.one (id int primary key)'
  const later = 'create table recycling.two (id int primary key)'
  await writeMigrations('recycling', {
    '0000_one': good,
    '0001_two': `${later};\n--> statement-breakpoint\nalter table recycling.nowhere add column x int`,
  })
  await expect(migrateAll(url, { root })).rejects.toThrow(
    /^recycling\/0001_two, statement 2: relation "recycling.nowhere" does not exist$/,
  )
  const tables = `select tablename from pg_tables where schemaname = 'recycling' order by 1`
  expect(await query(tables)).toEqual([{ tablename: 'one' }])
  expect(await planMigrations(url, { root })).toEqual(['recycling/0001_two'])

  await writeMigrations('recycling', { '0000_one': good, '0001_two': later })
  await migrateAll(url, { root })
  expect(await query(tables)).toEqual([{ tablename: 'one' }, { tablename: 'two' }])
}, 60_000)

it('gives up after its deadline while another program holds the lock', async () => {
  const holder = new pg.Client({ connectionString: url })
  await holder.connect()
  try {
    await holder.query('select pg_advisory_lock(4707332946)')
    await expect(migrateAll(url, { root, lockTimeoutMs: 300 })).rejects.toThrow(
      'Another program has migrated this database for 0.3 s',
    )
  } finally {
    await holder.end()
  }
  await migrateAll(url, { root })
}, 60_000)

it('makes an index without locking writers, after an attempt that left a broken one', async () => {
  await writeMigrations('recycling', {
    '0000_one':
      'create table recycling.one (id int);\n--> statement-breakpoint\ninsert into recycling.one values (1), (1)',
    '0001_index': '-- Readers ask for it.\ncreate unique index concurrently if not exists one_id on recycling.one (id)',
  })
  await expect(migrateAll(url, { root })).rejects.toThrow(
    /^recycling\/0001_index, statement 1: could not create unique index/,
  )
  const index = `select indisvalid as valid from pg_index where indexrelid = 'recycling.one_id'::regclass`
  expect(await query(index)).toEqual([{ valid: false }])
  await query('truncate recycling.one')
  // A second program that waits for the lock does not stop the index from being made.
  await Promise.all([migrateAll(url, { root }), migrateAll(url, { root })])
  expect(await query(index)).toEqual([{ valid: true }])
}, 60_000)

it('refuses a database that was migrated by a file that is changed or gone', async () => {
  await cp(join(import.meta.dirname, '../..', migrationsOf('recycling')), join(root, migrationsOf('recycling')), {
    recursive: true,
  })
  await migrateAll(url, { root })
  const file = join(root, migrationsOf('recycling'), '0001_views.sql')
  await writeFile(file, `${await readFile(file, 'utf8')}\n-- edited`)
  const refusal =
    /^The database was migrated by a file of functions\/recycling\/migrations that is changed or gone: a migration is never edited/
  await expect(migrateAll(url, { root })).rejects.toThrow(refusal)
  await expect(planMigrations(url, { root })).rejects.toThrow(refusal)
}, 60_000)
