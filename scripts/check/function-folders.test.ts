import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findEnvironmentReads, findIncompleteFolders, findUndeclaredEvents } from './function-folders.ts'

let repository: string

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'folders-'))
})
afterEach(() => rm(repository, { recursive: true }))

async function write(path: string, text = ''): Promise<void> {
  await mkdir(dirname(join(repository, path)), { recursive: true })
  await writeFile(join(repository, path), text)
}

describe('a function folder', () => {
  const parts = ['function.ts', 'main.ts', 'handler.ts', 'presign.ts', 'presign.test.ts']

  test('with all its parts is complete', async () => {
    for (const part of parts) await write(`functions/waste/presign/${part}`)
    await write('functions/waste/rules/sort.ts')
    await write('functions/_lib/process/config.ts')
    expect(await findIncompleteFolders(repository)).toEqual([])
  })

  test('of several operations needs no file of its own name', async () => {
    for (const part of parts.filter((other) => other !== 'presign.ts')) await write(`functions/waste/presign/${part}`)
    await write('functions/waste/presign/insert-job.pg.ts')
    expect(await findIncompleteFolders(repository)).toHaveLength(1)
    await write('functions/waste/presign/open-job.ts')
    expect(await findIncompleteFolders(repository)).toEqual([])
  })

  test.each(parts)('without its %s is incomplete', async (missing) => {
    for (const part of parts.filter((other) => other !== missing)) await write(`functions/waste/presign/${part}`)
    const name = missing.endsWith('.test.ts') ? 'a test (*.test.ts)' : missing
    expect(await findIncompleteFolders(repository)).toEqual([
      `functions/waste/presign is incomplete: ${name} is missing`,
    ])
  })
})

test.each(['process.env.X', 'process.env', "process['env']", "import { env } from 'node:process'"])(
  'a read of the environment by "%s" is found',
  async (text) => {
    await write('functions/waste/job.ts', `\n${text}\n`)
    expect(await findEnvironmentReads(repository)).toEqual([
      expect.stringMatching(/^functions\/waste\/job\.ts:2 reads/),
    ])
  },
)

test('only the file for it, and tests against real servers, may read the environment', async () => {
  await write('functions/_lib/process/config.ts', 'process.env')
  await write('functions/waste/job.integration.test.ts', 'process.env')
  await write('functions/waste/comment.ts', '// process.env is read elsewhere\n')
  expect(await findEnvironmentReads(repository)).toEqual([])
})

test('an event is made in the name of a function that declares it, except in tests', async () => {
  const line = "import { createEvent, pingType } from '../_lib/events/event-contract.ts'\n"
  for (const path of ['waste/a.test.ts', 'waste/testing/b.ts', '_lib/c.ts']) await write(`functions/${path}`, line)
  expect(await findUndeclaredEvents(repository)).toEqual([])
  await write('functions/waste/order.ts', line)
  expect(await findUndeclaredEvents(repository)).toEqual([expect.stringMatching(/^functions\/waste\/order\.ts makes/)])
})
