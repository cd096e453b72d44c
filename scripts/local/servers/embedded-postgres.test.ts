import { spawn } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import postgresql from '../../config/postgresql.json' with { type: 'json' }
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded-postgres.ts'
import { findPostgresBinaries, linkLibraries } from './postgres-binaries.ts'
import { clearStalePostmaster } from './stale-postmaster.ts'

let directory = ''
let closers: (() => unknown)[] = []
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'growbin-postgres-test-'))
})
afterEach(async () => {
  for (const close of closers.reverse()) await close()
  closers = []
  await rm(directory, { recursive: true, force: true })
})

async function start(more: Partial<EmbeddedPostgresOptions> = {}) {
  const server = await startEmbeddedPostgres({ directory, port: 0, log: () => undefined, ...more })
  closers.push(server.close)
  return server
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

describe('an embedded PostgreSQL', { timeout: 60_000 }, () => {
  it('is version 18 with UTF-8 text in code point order, as many connections as in the cluster, UTC, and every commit on disk', async () => {
    const { url } = await start()
    const text = `SELECT current_setting('server_version_num')::int / 10000 AS version, current_setting('max_connections') AS
      connections, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
      current_setting('server_encoding') AS encoding, current_setting('TimeZone') AS zone, current_database() AS database`
    expect(await query(url, text)).toEqual([
      {
        version: 18,
        connections: String(postgresql.max_connections),
        fsync: 'on',
        commit: 'on',
        encoding: 'UTF8',
        zone: 'UTC',
        database: 'growbin',
      },
    ])
    const sorted = await query(url, `SELECT w FROM unnest(ARRAY['나', 'b', 'Ä', 'a', 'B', '가', '_']) w ORDER BY w`)
    expect(sorted.map(({ w }) => w)).toEqual(['B', '_', 'a', 'b', 'Ä', '가', '나'])
    expect(await query(url, `SELECT lower('Ä') AS lower`)).toEqual([{ lower: 'ä' }])
  })

  it('keeps its rows and its URL password between runs, and applies the given settings', async () => {
    const first = await start({ settings: { durability: 'disposable', parameters: { work_mem: '7MB' } } })
    expect(await query(first.url, 'SHOW fsync')).toEqual([{ fsync: 'off' }])
    expect(await query(first.url, 'SHOW work_mem')).toEqual([{ work_mem: '7MB' }])
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS a')
    await first.close()
    const second = await start({ port: first.port })
    expect(second.url).toBe(first.url)
    expect(await query(second.url, 'SELECT a FROM kept')).toEqual([{ a: 1 }])
    expect((await stat(join(directory, 'superuser-password'))).mode & 0o077).toBe(0)
  })

  it('refuses a login without the password', async () => {
    const { url } = await start({ settings: { durability: 'disposable' } })
    const stranger = new URL(url)
    stranger.password = 'wrong'
    await expect(query(stranger.href, 'SELECT 1')).rejects.toThrow('password authentication failed')
  })

  it('copies a template, and creating a database twice changes nothing', async () => {
    const { createDatabase } = await start({ settings: { durability: 'disposable' } })
    await query(await createDatabase('odd "name"'), 'CREATE TABLE copied AS SELECT 7 AS a')
    const url = await createDatabase('copy', 'odd "name"')
    await query(url, 'INSERT INTO copied VALUES (8)')
    await createDatabase('copy', 'odd "name"')
    expect(await query(url, 'SELECT a FROM copied ORDER BY a')).toEqual([{ a: 7 }, { a: 8 }])
  })

  it('names the port when it is taken', async () => {
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    closers.push(() => blocker.close())
    const address = blocker.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await expect(start({ port, settings: { durability: 'disposable' } })).rejects.toThrow(
      `PostgreSQL cannot listen on 127.0.0.1:${port}: another program does`,
    )
  })

  it('refuses the files of another major version', async () => {
    await mkdir(join(directory, 'cluster'))
    await writeFile(join(directory, 'cluster/PG_VERSION'), '16\n')
    await expect(start()).rejects.toThrow('is of PostgreSQL 16; expected 18')
  })

  it('stops when its parent is killed, and the next start finds every committed row', async () => {
    const module = new URL('embedded-postgres.ts', import.meta.url).href
    const code = `const { startEmbeddedPostgres } = await import('${module}')
      const { url } = await startEmbeddedPostgres({ directory: ${JSON.stringify(directory)}, port: 0, log: () => {} })
      console.log(url)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    closers.push(() => parent.kill('SIGKILL'))
    const url = await new Promise<string>((resolve) => createInterface({ input: parent.stdout }).once('line', resolve))
    await query(url, 'CREATE TABLE kept AS SELECT 1 AS a')
    parent.kill('SIGKILL')
    const next = await start()
    expect(await query(next.url, 'SELECT a FROM kept')).toEqual([{ a: 1 }])
    await expect(query(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
  })
})

it('removes a lock file whose process is another program, and waits while it is PostgreSQL', async () => {
  const lockFile = join(directory, 'postmaster.pid')
  await writeFile(lockFile, `${process.pid}\n${directory}\n`)
  await clearStalePostmaster(directory, 0)
  await expect(readFile(lockFile)).rejects.toThrow('ENOENT')
  const server = await start({ settings: { durability: 'disposable' } })
  await expect(clearStalePostmaster(join(directory, 'cluster'), 0)).rejects.toThrow('is in use by process')
  expect(await query(server.url, 'SELECT 1 AS a')).toEqual([{ a: 1 }])
}, 60_000)

describe('the libraries of PostgreSQL', () => {
  it('are linked by the script of their package when npm has not run it', async () => {
    await mkdir(join(directory, 'native/lib'), { recursive: true })
    await mkdir(join(directory, 'scripts'))
    const { postgres } = await findPostgresBinaries()
    await copyFile(
      join(postgres, '../../../scripts/hydrate-symlinks.js'),
      join(directory, 'scripts/hydrate-symlinks.js'),
    )
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
    const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]
    await writeFile(join(directory, 'native/pg-symlinks.json'), JSON.stringify(links))
    await linkLibraries(directory)
    expect(await readlink(join(directory, 'native/lib/libpq.so.5'))).toBe('libpq.so.5.18')
  })

  it('are reported by name when this platform has none', async () => {
    await expect(findPostgresBinaries('plan9-mips')).rejects.toThrow('"@embedded-postgres/plan9-mips" is not installed')
  })
})
