import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database, Queries } from '../../../../functions/_lib/stores/database.pg.ts'
import { createModelCalls } from '../../../../functions/waste/analysis/model/model-calls.pg.ts'
import { createPhotoRecorder } from '../../../../functions/waste/analysis/photo/record-photo.pg.ts'
import { createTestDatabase, type TestDatabase } from '../test-database.ts'
import { fillTables } from './fill-tables.ts'
import { findBareForeignKeys, findScans } from './find-scans.ts'
import { findTemplates, findUnsent } from './find-unsent.ts'
import type { SentStatement } from './sent-statement.ts'

let database: TestDatabase
let client: pg.Client
let growing: string[]
beforeAll(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const filled = await fillTables(client)
  growing = filled.growing
  expect(filled.unknown).toEqual([])
})
afterAll(async () => {
  await client?.end()
  await database?.close()
})

const statement = (text: string, values: unknown[] = []): SentStatement => ({ text, values, from: 'somewhere.pg.ts' })
const scannedBy = async (text: string, values?: unknown[]) => {
  const { scans, unexplained } = await findScans(client, [statement(text, values)], growing)
  expect(unexplained).toEqual([])
  return scans.map(({ table }) => table)
}

describe('findScans', () => {
  it('reports a growing table that is read as a whole, in any part of a statement', async () => {
    expect(await scannedBy('select from waste.jobs where traceparent = $1', ['t'])).toEqual(['waste.jobs'])
    expect(await scannedBy('with found as (select from waste.jobs where locale = $1) select', ['ko'])).toEqual([])
    expect(
      await scannedBy(
        'update auth.accounts set display_name = null where user_id in (select user_id from auth.sessions where client = $1)',
        ['web'],
      ),
    ).toContain('auth.sessions')
    expect(await scannedBy('select count(*) from auth.accounts')).toEqual(['auth.accounts'])
  })

  it('accepts an index, a limit, small tables, and a scan with a reason', async () => {
    expect(await scannedBy('select from waste.jobs where job_id = $1', [randomUUID()])).toEqual([])
    expect(await scannedBy('select from events.dead_letters order by dead_letter_id desc limit 10')).toEqual([])
    expect(await scannedBy('select from recycling.rules')).toEqual([])
    expect(
      await scannedBy('-- Scans waste.jobs: a report once a year\nselect from waste.jobs where locale = $1', ['ko']),
    ).toEqual([])
    expect(await scannedBy('-- Scans waste.jobs:\nselect from waste.jobs where locale = $1', ['ko'])).toEqual([
      'waste.jobs',
    ])
  })
})

it('every foreign key of a table that grows has an index', async () => {
  expect(await findBareForeignKeys(client, growing)).toEqual([])
})

it('findUnsent reports a template of which no part was sent, also one inside of another', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'growbin-templates-'))
  const source =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a template
    'const rows = sql`select a_column from ${sql.raw(`x`)} where ${sql`another_column is null`}`'
  await writeFile(join(directory, 'x.pg.ts'), source)
  const find = (...texts: string[]) => findUnsent(directory, ['x.pg.ts'], texts)
  expect(findTemplates(source)).toEqual([['select a_column from ', ' where ', ''], ['another_column is null']])
  expect(find('select  a_column\nfrom x where another_column is null')).toEqual([])
  expect(find('select a_column from x')).toEqual(['x.pg.ts: another_column is null'])
  await rm(directory, { recursive: true })
})

describe('with a ledger of a year', () => {
  /** The statements of an adapter on a server that returns no rows. */
  const sentBy = async (run: (db: Database) => Promise<unknown>) => {
    const sent: SentStatement[] = []
    const query = async ({ text }: { text: string }, values: unknown[]) => {
      sent.push(statement(text, values))
      return { rows: [], rowCount: 0, fields: [] }
    }
    const db: Queries = drizzle({ client: { query } as never })
    await run({ run: (work) => work(db), transaction: (work) => work(db), close: async () => undefined })
    return sent
  }
  const job = { jobId: randomUUID(), fencingToken: 1 } as Parameters<
    ReturnType<typeof createModelCalls>['endFailed']
  >[0]

  it.each([
    [
      'a failed call counts those of the last ten seconds',
      (db: Database) =>
        createModelCalls(db, { callsPerMinuteMax: 1, callsPerDayMax: 1, callsPerJobMax: 1 }).endFailed(job, 'timeout'),
    ],
    [
      'a photo looks for the results that refer to it',
      (db: Database) => createPhotoRecorder(db)(job.jobId, 'photos/1'),
    ],
  ])('%s without reading a table as a whole', async (_name, run) => {
    const sent = await sentBy(run)
    expect(sent.length).toBeGreaterThan(0)
    expect((await findScans(client, sent, growing)).scans).toEqual([])
  })
})
