import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import { migrateAll } from '../../../scripts/migration/migrate.ts'
import { findBreakingStatements } from '../../../scripts/migration/skew/find-breaking.ts'
import { type RunningFunction, runFunction } from '../../_lib/testing/run-function.ts'
import { createTestKeys, signTestToken, type TestKeys } from '../../_lib/testing/test-keys.ts'
import { createPeople } from '../testing/people.ts'
import { start } from './main.ts'

const folder = 'functions/users/migrations'
const repository = join(import.meta.dirname, '../../..')

const expanding = {
  '0002_expand': [
    'alter table users.preferences add column theme text',
    `alter table users.profiles add column pronouns text default 'none' not null`,
    'create table users.badges (user_id uuid primary key, earned_at timestamptz not null)',
    `alter table users.preferences add constraint preferences_theme_check check (theme in ('light', 'dark')) not valid`,
    'alter table users.preferences validate constraint preferences_theme_check',
  ].join(';\n--> statement-breakpoint\n'),
  '0003_index': 'create index concurrently if not exists preferences_theme on users.preferences (theme)',
}
const contracting = { '0004_contract': 'alter table users.preferences drop column region' }

let parts: TestParts
let keys: TestKeys
let running: RunningFunction
let root: string

beforeAll(async () => {
  parts = await startTestParts()
  keys = await createTestKeys()
  running = await runFunction(start, {
    ...parts.environmentOf('users'),
    AUTH_PUBLIC_KEYS: JSON.stringify(keys.publicKeys),
  })
  root = await mkdtemp(join(tmpdir(), 'growbin-next-version-'))
  await cp(join(repository, folder), join(root, folder), { recursive: true })
})
afterAll(async () => {
  await running?.close()
  await parts?.close()
  if (root) await rm(root, { recursive: true, force: true })
})

/** The next version brings these migrations. */
async function migrate(files: Record<string, string>): Promise<void> {
  const journalPath = join(root, folder, 'meta/_journal.json')
  const journal = JSON.parse(await readFile(journalPath, 'utf8')) as { entries: object[] }
  for (const [tag, text] of Object.entries(files)) {
    await writeFile(join(root, folder, `${tag}.sql`), text)
    journal.entries.push({ tag, when: Date.now() })
  }
  await writeFile(journalPath, JSON.stringify(journal))
  await migrateAll(parts.database.url, { root })
}

async function ask(method: 'GET' | 'PUT', path: string, token: string, body?: object): Promise<number> {
  const response = await fetch(`${running.url}/api/v1/users/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  })
  await response.arrayBuffer()
  return response.status
}

const notifications = { analysis_completed: true, weekly_summary: true, announcements: false }

/** What a person does with this function; the statuses of its answers. */
async function useFunction(): Promise<number[]> {
  const userId = randomUUID()
  await createPeople(parts.database.query).addAccount(userId)
  const token = await signTestToken(keys, { userId })
  return [
    await ask('PUT', 'profile', token, { display_name: '하늘' }),
    await ask('GET', 'profile', token),
    await ask('PUT', 'preferences', token, { language: 'ko', notifications, region: '11140' }),
    await ask('GET', 'preferences', token),
    await ask('GET', 'export', token),
  ]
}

test('the running version serves before, while and after the schema of the next version is made, which the check accepts', async () => {
  for (const [tag, text] of Object.entries(expanding)) expect(findBreakingStatements(tag, text)).toEqual([])
  const answers = [await useFunction()]
  let migrated = false
  const load = Promise.all(
    [1, 2].map(async () => {
      while (!migrated) answers.push(await useFunction())
    }),
  )
  await migrate(expanding)
  migrated = true
  await load
  answers.push(await useFunction())
  expect(answers.length).toBeGreaterThanOrEqual(4)
  expect(new Set(answers.flat())).toEqual(new Set([200]))
  expect(await parts.database.query(`select to_regclass('users.preferences_theme') is not null as made`)).toEqual([
    { made: true },
  ])
}, 180_000)

test('the running version fails on a schema that the check refuses', async () => {
  const [[tag, text]] = Object.entries(contracting) as [[string, string]]
  expect(findBreakingStatements(tag, text)).toEqual([expect.stringContaining('drops what the running version may use')])
  await migrate(contracting)
  const statuses = await useFunction()
  expect(statuses.slice(0, 2)).toEqual([200, 200])
  expect(statuses[2]).toBeGreaterThanOrEqual(500)
}, 180_000)
