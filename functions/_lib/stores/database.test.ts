import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { ProblemError, UnavailableError } from '../http/errors.ts'
import { describeError } from '../process/describe-error.ts'
import { silentLog as log } from '../testing/silent-log.ts'
import { type Database, openDatabase } from './database.pg.ts'
import { DatabaseError, isUniqueViolation } from './database-error.ts'

const canary = 'canary-5e21'
let server: TestDatabase
let database: Database
beforeAll(async () => {
  server = await createTestDatabase()
  await server.query('create table public.things (id text primary key, size integer check (size < 10))')
  database = openDatabase({ url: server.url, log, connectionsMax: 2, statementTimeoutMs: 300 })
})
afterAll(async () => {
  await database?.close()
  await server?.close()
})

const insert = (id: string, size: unknown = 1) => sql`insert into public.things (id, size) values (${id}, ${size})`
const caught = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )
const ids = async () => (await server.query<{ id: string }>('select id from public.things')).map(({ id }) => id)

/** Everything that could reach a log line, the causes and stacks included. */
const allTextOf = (error: unknown) => {
  const texts: string[] = []
  for (let current = error; current instanceof Error; current = current.cause) {
    texts.push(current.message, current.stack ?? '', JSON.stringify(current))
  }
  return [...texts, JSON.stringify(describeError(error))].join('\n')
}

test('a unique violation names the constraint and no value', async () => {
  await database.run((db) => db.execute(insert(canary)))
  const error = await caught(database.run((db) => db.execute(insert(canary))))
  expect(error).toBeInstanceOf(DatabaseError)
  expect(error).toMatchObject({ code: '23505', constraint: 'things_pkey', unavailable: false })
  expect(isUniqueViolation(error)).toBe(true)
  expect(allTextOf(error)).not.toContain(canary)
})

test.each([
  ['a check', insert('check', 99), '23514'],
  ['a text that is no number', insert('number', canary), '22P02'],
  ['a character that PostgreSQL does not take', insert(`${canary}\u0000`), '22021'],
  ['a table that is not there', sql`select ${canary}::text from public.nowhere`, '42P01'],
])('a statement that breaks %s is an error without its values', async (_, statement, code) => {
  const error = await caught(database.run((db) => db.execute(statement)))
  expect(error).toBeInstanceOf(DatabaseError)
  expect(error).toMatchObject({ code, unavailable: false })
  expect(allTextOf(error)).not.toContain(canary)
})

test('a raw error of the drivers is described without values', async () => {
  const fromPg = await caught(server.query('insert into public.things values ($1, 1), ($1, 1)', [canary]))
  expect((fromPg as Error & { detail: string }).detail).toContain(canary)
  expect(JSON.stringify(describeError(fromPg))).not.toContain(canary)
  let fromDrizzle: unknown
  await database.run((db) => db.execute(insert(canary, 'x')).catch((error: unknown) => (fromDrizzle = error)))
  expect((fromDrizzle as Error).message).toContain(canary)
  expect(JSON.stringify(describeError(fromDrizzle))).not.toContain(canary)
})

test('an error of JSON.parse is described without the text', () => {
  const error = (() => {
    try {
      return JSON.parse(canary) as unknown
    } catch (cause) {
      return cause
    }
  })()
  expect((error as Error).message).toContain('canary')
  expect(JSON.stringify(describeError(new Error('outer', { cause: error })))).not.toContain('canary')
})

test('a statement that takes too long is unavailable', async () => {
  await expect(database.run((db) => db.execute(sql`select pg_sleep(30)`))).rejects.toThrow(UnavailableError)
})

test('a transaction that throws leaves nothing, and its error passes as it is', async () => {
  const problem = new ProblemError('conflict', { detail: { ko: '', en: '' } })
  const failing = database.transaction(async (tx) => {
    await tx.execute(insert('rolled-back'))
    throw problem
  })
  await expect(failing).rejects.toBe(problem)
  expect(await ids()).not.toContain('rolled-back')
})

test('a transaction that succeeds is committed, and resolves to its value', async () => {
  const value = await database.transaction(async (tx) => {
    await tx.execute(insert('committed'))
    return 7
  })
  expect(value).toBe(7)
  expect(await ids()).toContain('committed')
})

test('failed transactions release their connections', async () => {
  for (let count = 0; count < 5; count += 1) {
    await expect(database.transaction((tx) => tx.execute(sql`select 1/0`))).rejects.toThrow(DatabaseError)
    await expect(database.transaction((tx) => tx.execute(sql`select pg_sleep(30)`))).rejects.toThrow(UnavailableError)
  }
  expect(await database.transaction(async () => 'free')).toBe('free')
})

test('a statement after a broken transaction is outside of it', async () => {
  await caught(database.transaction(async (tx) => tx.execute(insert('inside-broken', 99))))
  await database.run((db) => db.execute(insert('after-broken')))
  expect(await ids()).toContain('after-broken')
})

test('an address where no server listens is unavailable', async () => {
  const unreachable = openDatabase({ url: 'postgres://u:secret-canary@127.0.0.1:1/db', log })
  for (const work of [unreachable.run((db) => db.execute(sql`select 1`)), unreachable.transaction(async () => 1)]) {
    const error = await caught(work)
    expect(error).toBeInstanceOf(UnavailableError)
    expect(allTextOf(error)).not.toContain('secret-canary')
  }
  await unreachable.close()
})

test('a server that accepts and never answers takes no longer than the deadline, also for closing', async () => {
  const sockets = new Set<Socket>()
  const silent = createServer((socket) => sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const hanging = openDatabase({ url: `postgres://u@127.0.0.1:${(silent.address() as AddressInfo).port}/db`, log })
  const startedMs = performance.now()
  const errors = await Promise.all([
    caught(hanging.run((db) => db.execute(sql`select 1`))),
    caught(hanging.transaction(async () => 1)),
  ])
  for (const error of errors) expect(error).toBeInstanceOf(UnavailableError)
  await hanging.close()
  expect(performance.now() - startedMs).toBeLessThan(4_500)
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => silent.close(resolve))
})
