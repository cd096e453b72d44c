import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { imageEvent } from '../manifests/example-events.ts'
import { deadLetterSpec, httpSpec, loaded, queueSpec } from '../manifests/example-specs.ts'
import {
  findEnvironmentReads,
  findIncompleteFolders,
  findUndeclaredEvents,
  findUntestedFunctions,
} from './function-folders.ts'

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

describe('the shared suite', () => {
  const specs = loaded(httpSpec, { ...queueSpec, handles: [imageEvent.contract] })
  const [http, event] = ['functions/waste/presign/http.test.ts', 'functions/waste/ai-analyze/event.test.ts']

  test('is demanded of each function that answers requests or handles events', async () => {
    expect(await findUntestedFunctions(repository, specs)).toEqual([
      expect.stringContaining(`${http} does not call describeHttpFunction({ name: 'waste-presign'`),
      expect.stringContaining(`${event} does not call describeEventFunction({ name: 'waste-ai-analyze'`),
    ])
    await write(http, `describeHttpFunction({\n  name: 'waste-presign',\n})\n`)
    await write(event, `describeEventFunction({ name: 'waste-ai-analyze', start })\n`)
    expect(await findUntestedFunctions(repository, specs)).toEqual([])
  })

  test('of another function, of the other kind, in a comment or in another file does not count', async () => {
    await write(
      http,
      `describeEventFunction({ name: 'waste-presign' })\n// describeHttpFunction({ name: 'waste-presign' })\n`,
    )
    await write(event, `describeEventFunction({ name: 'waste-presign' })\n`)
    await write('functions/waste/ai-analyze/other.test.ts', `describeEventFunction({ name: 'waste-ai-analyze' })\n`)
    expect(await findUntestedFunctions(repository, specs)).toHaveLength(2)
  })

  test('is replaced by its scenarios for a function that handles no contract', async () => {
    const [deadLetter] = loaded(deadLetterSpec)
    const problems = () => findUntestedFunctions(repository, deadLetter ? [deadLetter] : [])
    expect(await problems()).toEqual([expect.stringMatching(/^functions\/events\/dead-letter handles no contract;/)])
    await write('functions/events/dead-letter/any.test.ts', 'for (const { write } of cloudEventScenarios) write()\n')
    expect(await problems()).toEqual([])
  })
})

test('an event is made in the name of a function that declares it, except in tests', async () => {
  const line = "import { createEvent, pingType } from '../_lib/events/event-contract.ts'\n"
  for (const path of ['waste/a.test.ts', 'waste/testing/b.ts', '_lib/c.ts']) await write(`functions/${path}`, line)
  expect(await findUndeclaredEvents(repository)).toEqual([])
  await write('functions/waste/order.ts', line)
  expect(await findUndeclaredEvents(repository)).toEqual([expect.stringMatching(/^functions\/waste\/order\.ts makes/)])
})
