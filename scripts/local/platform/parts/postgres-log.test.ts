import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPostgresLog } from './postgres-log.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'growbin-log-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('keeps every line in the file, and reports only errors, and only while the server should be running well', async () => {
  const reported: string[] = []
  const log = openPostgresLog(join(folder, 'postgresql.log'), (severity, text) => reported.push(`${severity} ${text}`))
  const lines = [
    '2026-11-21 01:47:02 UTC [1] FATAL:  the database system is starting up',
    '2026-11-21 01:47:03 UTC [2] LOG:  checkpoint complete: ERROR: 0',
    '2026-11-21 01:47:03 UTC [2] ERROR:  deadlock detected',
    '2026-11-21 01:47:03 UTC [2] STATEMENT:  select 1',
    '2026-11-21 01:47:04 UTC [3] FATAL:  terminating connection due to administrator command',
  ]
  for (const [index, line] of lines.entries()) {
    if (index === 1) log.setSettled(true)
    if (index === 4) log.setSettled(false)
    log.write(line)
  }
  await log.close()
  expect(await readFile(join(folder, 'postgresql.log'), 'utf8')).toBe(`${lines.join('\n')}\n`)
  expect(reported).toEqual(['ERROR deadlock detected'])
})
