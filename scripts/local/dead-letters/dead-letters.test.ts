import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createUuidV7 } from '../../../functions/_lib/http/uuid.ts'
import { type RunningFunction, runFunction } from '../../../functions/_lib/testing/run-function.ts'
import { start } from '../../../functions/events/operate/main.ts'
import { publicKeySet, readOrCreateSecrets } from '../platform/environment/secrets.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'

let database: TestDatabase
let operate: RunningFunction
let directory: string
let id: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dead-letters-'))
  database = await createTestDatabase()
  const { operatorKey } = await readOrCreateSecrets(directory)
  operate = await runFunction(start, {
    DATABASE_URL: database.urlOf('events'),
    OPERATOR_PUBLIC_KEYS: JSON.stringify(publicKeySet(operatorKey)),
  })
})
afterAll(async () => {
  await operate?.close()
  await database?.close()
  await rm(directory, { recursive: true })
})
beforeEach(async () => {
  await database.query('truncate events.dead_letters, events.outbox')
  id = createUuidV7()
  const headers = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't.one', 'ce-queue': 'api' }
  await database.query(
    `insert into events.dead_letters (dead_letter_id, consumer, kind, reason, event_type, headers, body, verified)
     values ($1, 'jobs-external-call', 'dead_letter', 'answered_503', 't.one', $2, $3, true)`,
    [id, headers, Buffer.from('{"n":"\u001b[31m"}')],
  )
})

const run = (...args: string[]) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    const all = [join(import.meta.dirname, 'dead-letters.ts'), ...args, '--base-url', operate.url, '--data', directory]
    execFile(process.execPath, all, (error, out, err) => resolve({ code: error?.code ?? 0, out, err }))
  })
const state = async () => (await database.query('select state from events.dead_letters'))[0]?.state

test('listed and shown text cannot control the terminal', async () => {
  const listed = await run('list', '--state', 'open', '--type', 't.one')
  expect(listed).toMatchObject({ code: 0, err: '' })
  expect(listed.out).toContain(id)
  expect((await run('list', '--type', 'other')).out).toBe('There are no such dead letters.\n')
  const shown = await run('show', id)
  expect(shown.out).toContain('\\u001b[31m')
  expect(shown.out).not.toContain('\u001b')
  expect(JSON.parse((await run('list', '--json')).out).items).toMatchObject([{ dead_letter_id: id }])
})

test('replay by filter counts in a dry run, and sends without', async () => {
  await database.query('update events.dead_letters set body = $1', [Buffer.from('{}')])
  expect((await run('replay', '--filter', '--dry-run')).out).toBe('1 found, 1 would be replayed\n')
  expect(await state()).toBe('open')
  expect((await run('replay', '--filter', '--type', 't.one')).out).toBe('1 found, 1 replayed\n')
  expect(await state()).toBe('replayed')
  expect((await run('replay', id)).out).toContain('was replayed before')
})

test('each kind of failure has its own exit code', async () => {
  expect((await run('discard', id)).code).toBe(0)
  expect(await state()).toBe('discarded')
  const codes = await Promise.all(
    [
      ['replay', id],
      ['remove', id],
      ['replay', id, '--dry-run'],
      ['show', createUuidV7()],
      ['list', '--token', 'x'],
    ].map(async (args) => (await run(...args)).code),
  )
  expect(codes).toEqual([1, 2, 2, 3, 4])
})
