import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { findBoundaryProblems } from '../check/boundaries.ts'
import { findEnvironmentReads, findIncompleteFolders, findUntestedFunctions } from '../check/function-folders.ts'
import { lintManifests } from '../check/manifests/lint.ts'
import { readDocuments } from '../check/manifests/read-documents.ts'
import { runCommand } from '../check/run-command.ts'
import { loadEvents } from '../manifests/event-uses.ts'
import { loadSpecs } from '../manifests/load-specs.ts'
import { renderManifests } from '../manifests/render/render.ts'
import type { Resource } from '../manifests/resource.ts'
import { findSpecProblems } from '../manifests/validate-specs.ts'
import { buildDocument } from '../openapi/build/build-document.ts'
import { createFunction } from './create-function.ts'
import { parseRequest } from './parse-request.ts'

const original = fileURLToPath(new URL('../..', import.meta.url))
const testing = 'scripts/local/testing'
const toolMs = 60_000
const ownTestsMs = 240_000
// Functions of queues differ in nothing that the shared suite sees, so it runs for one of them.
const vitestConfig = `export default {
  test: {
    globalSetup: ['${join(original, testing, 'global-postgres.ts')}'],
    exclude: ['**/node_modules/**', 'functions/jobs/handle-{api,sched,batch,dlq}/event.test.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
}
`
let repository: string

const create = (...parameters: string[]) => createFunction(repository, parseRequest(parameters))

beforeAll(async () => {
  repository = await mkdtemp(join(tmpdir(), 'new-function-'))
  await mkdir(join(repository, 'functions/_contracts'), { recursive: true })
  await symlink(join(original, 'node_modules'), join(repository, 'node_modules'))
  for (const path of ['package.json', 'tsconfig.json', '.biome.json'])
    await cp(join(original, path), join(repository, path))
  const isSource = (path: string) => !path.endsWith('.test.ts')
  await cp(join(original, 'functions/_lib'), join(repository, 'functions/_lib'), { recursive: true, filter: isSource })
  for (const path of ['functions/_contracts/auth-views.v1.ts', 'functions/_contracts/queues.ts'])
    await cp(join(original, path), join(repository, path))
  // What only their tests import stays where it has its own imports and the migrations.
  await mkdir(join(repository, testing), { recursive: true })
  for (const file of ['test-parts.ts', 'global-postgres.ts'])
    await writeFile(join(repository, testing, file), `export * from '${join(original, testing, file)}'\n`)
  await writeFile(join(repository, 'vitest.config.ts'), vitestConfig)
  await create('waste-count', '--http', 'GET /api/v1/waste/count/:id')
  await create('chat-a-very-long-name-of-work', '--http', 'POST /api/v1/chat/work')
  for (const queue of ['ai', 'api', 'sched', 'batch', 'dlq']) await create(`jobs-handle-${queue}`, '--queue', queue)
  await create('jobs-tidy-up', '--cron', '*/5 * * * *')
}, toolMs)
afterAll(() => rm(repository, { recursive: true }))

describe('the new functions, as generated,', () => {
  test(
    'have no type error',
    async () => {
      expect(await runCommand(repository, 'tsc', '--noEmit', '--pretty', 'false')).toEqual([])
    },
    toolMs,
  )

  test(
    'are formatted and linted',
    async () => {
      const folders = (await readdir(join(repository, 'functions'))).filter((name) => name !== '_lib')
      const paths = folders.map((name) => `functions/${name}`)
      expect(await runCommand(repository, 'biome', 'ci', '--colors=off', '--error-on-warnings', ...paths)).toEqual([])
    },
    toolMs,
  )

  test(
    'keep to the import boundaries',
    async () => {
      expect(await findBoundaryProblems(repository)).toEqual([])
    },
    toolMs,
  )

  test('are complete, with the environment that they read', async () => {
    expect(await findIncompleteFolders(repository)).toEqual([])
    expect(await findEnvironmentReads(repository)).toEqual([])
    const specs = await loadSpecs(repository)
    expect(findSpecProblems(specs)).toEqual([])
    expect(await findUntestedFunctions(repository, specs)).toEqual([])
  })

  test('are described for callers, as the document of the API needs it', async () => {
    const { paths, tags } = await buildDocument(repository)
    expect(Object.keys(paths)).toEqual(['/api/v1/chat/work', '/api/v1/waste/count/{id}'])
    expect(tags.map(({ name }) => name)).toEqual(['Chat', 'Waste'])
  })

  test('render to manifests without a problem', async () => {
    const byHand = (await readDocuments(original)).filter(
      ({ path }) => !/^(knative|eventing)\/(base|gateway|gateway-api|policies)\//.test(path),
    )
    const specs = await loadSpecs(repository)
    const events = await loadEvents(repository, specs)
    expect(events).toHaveLength(5)
    const rendered = [...renderManifests(specs, events)]
      .filter(([path]) => !path.endsWith('kustomization.yaml'))
      .flatMap(([path, text]) =>
        parseAllDocuments(text).map((document) => ({ path, resource: document.toJS() as Resource })),
      )
    expect(rendered.length).toBeGreaterThan(12)
    expect(await lintManifests([...byHand, ...rendered])).toEqual([])
  })

  test(
    'pass their own tests',
    async () => {
      expect(await runCommand(repository, 'vitest', 'run', '--root', repository, '--no-color')).toEqual([])
    },
    ownTestsMs,
  )
})

describe('refuses, and writes nothing:', () => {
  test.each([
    ['a name without a domain', ['count', '--http', 'GET /x'], 'is not "<domain>-<operation>"'],
    ['a name with capitals', ['waste-Count', '--http', 'GET /x'], 'is not "<domain>-<operation>"'],
    ['a name that leaves the folder', ['waste-../../x', '--http', 'GET /x'], 'is not "<domain>-<operation>"'],
    ['an existing folder', ['waste-count', '--http', 'GET /x'], '"functions/waste/count" exists already'],
    ['a taken route', ['waste-other', '--http', 'GET /api/v1/waste/count/:number'], 'is taken twice'],
    ['a taken queue', ['waste-other', '--queue', 'ai'], 'queue "ai" is taken twice'],
    ['an impossible schedule', ['waste-other', '--cron', '0 25 * * *'], 'is no cron expression'],
  ])('%s', async (_, parameters, message) => {
    const before = await readdir(join(repository, 'functions'), { recursive: true })
    await expect(create(...parameters)).rejects.toThrow(message)
    expect(await readdir(join(repository, 'functions'), { recursive: true })).toEqual(before)
  })
})
