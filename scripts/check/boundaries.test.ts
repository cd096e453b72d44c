import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createBoundaryRules } from '../config/boundary-rules.ts'
import { describeCruise, findBoundaryProblems } from './boundaries.ts'

const packages = ['pg', 'drizzle-orm', 'ioredis', '@aws-sdk/client-s3', 'openai', 'amqplib', 'sharp', 'hono']
const base: Record<string, string> = {
  'functions/_lib/process/log.ts': '',
  'functions/_lib/openapi/description.ts': '',
  'functions/_lib/testing/suite.ts': '',
  'functions/waste/presign/testing/arrange.ts': '',
  'functions/_contracts/event.v1.ts': '',
  'functions/waste/job.ts': '',
  'functions/waste/tasks/cleanup.ts': '',
  'functions/waste/rules/sort.ts': '',
  'functions/waste/presign/main.ts': '',
  'functions/waste/presign/presign.ts': '',
  'functions/waste/presign/openapi.ts': '',
  'functions/waste/status.openapi.ts': '',
  'functions/waste/status/main.ts': '',
  'functions/users/person.ts': '',
  'functions/users/tasks/sync.ts': '',
  'functions/jobs/batch/main.ts': '',
  'functions/events/outbox.ts': '',
  'functions/events/relay/main.ts': '',
  'functions/events/dead-letter/main.ts': '',
  'scripts/local/platform.ts': '',
  'scripts/lib/root.ts': '',
  'scripts/manifests/render/render.ts': '',
  'scripts/openapi/document.ts': '',
  'scripts/bench.ts': '',
}
let repository: string

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'boundaries-'))
  const installed = packages.flatMap((name) => [
    [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'main.js' })],
    [`node_modules/${name}/main.js`, ''],
  ])
  await write(Object.fromEntries([...Object.entries(base), ...installed]))
})
afterEach(() => rm(repository, { recursive: true }))

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(repository, path)), { recursive: true })
    await writeFile(join(repository, path), text)
  }
}

const rulesIn = (problems: readonly string[]) => problems.map((problem) => /\n {4}([a-z0-9-]+): \S/.exec(problem)?.[1])

const refused: [rule: string, from: string, to: string][] = [
  ['lib-knows-no-domain', 'functions/_lib/x.ts', '../waste/job.ts'],
  ['lib-knows-no-domain', 'functions/_lib/x.ts', '../_contracts/event.v1.ts'],
  ['contracts-know-no-domain', 'functions/_contracts/x.v1.ts', '../waste/job.ts'],
  ['no-other-domain', 'functions/waste/x.ts', '../users/person.ts'],
  ['no-other-domain', 'functions/waste/presign/x.ts', '../../users/person.ts'],
  ['no-other-domain', 'functions/events/operate/x.ts', '../../users/person.ts'],
  ['only-tasks-of-domains', 'functions/jobs/batch/x.ts', '../../users/person.ts'],
  ['only-tasks-of-domains', 'functions/events/relay/x.ts', '../../waste/presign/presign.ts'],
  ['only-tasks-of-domains', 'functions/events/dead-letter/x.ts', '../../waste/presign/presign.ts'],
  ['no-other-function', 'functions/waste/status/x.ts', '../presign/presign.ts'],
  ['no-other-function', 'functions/waste/status/x.ts', '../tasks/cleanup.ts'],
  ['no-other-function', 'functions/waste/tasks/x.ts', '../presign/presign.ts'],
  ['no-other-function', 'functions/waste/rules/x.ts', '../presign/presign.ts'],
  ['domain-file-knows-no-function', 'functions/waste/x.ts', './presign/presign.ts'],
  ['driver-pg', 'functions/waste/presign/x.ts', 'pg'],
  ['driver-pg', 'functions/waste/presign/x.ts', 'drizzle-orm'],
  ['driver-pg', 'functions/waste/presign/x.redis.ts', 'pg'],
  ['driver-pg', 'functions/_lib/x.ts', 'pg'],
  ['driver-redis', 'functions/waste/presign/handler.ts', 'ioredis'],
  ['driver-s3', 'functions/waste/presign/handler.ts', '@aws-sdk/client-s3'],
  ['driver-openai', 'functions/waste/presign/handler.ts', 'openai'],
  ['driver-amqp', 'functions/_lib/publish.ts', 'amqplib'],
  ['driver-sharp', 'functions/waste/ai-analyze/x.ts', 'sharp'],
  ['functions-know-no-scripts', 'functions/waste/x.ts', '../../scripts/local/platform.ts'],
  ['tests-use-only-local-scripts', 'functions/waste/x.test.ts', '../../scripts/bench.ts'],
  ['openapi-only-in-scripts', 'functions/waste/presign/x.ts', './openapi.ts'],
  ['openapi-only-in-scripts', 'functions/waste/presign/x.ts', '../status.openapi.ts'],
  ['openapi-only-in-scripts', 'functions/waste/x.ts', '../_lib/openapi/description.ts'],
  ['testing-only-in-tests', 'functions/waste/presign/x.ts', '../../_lib/testing/suite.ts'],
  ['testing-only-in-tests', 'functions/waste/presign/x.ts', './testing/arrange.ts'],
  ['testing-only-in-tests', 'functions/_lib/x.ts', './testing/suite.ts'],
  ['testing-knows-no-scripts', 'functions/_lib/testing/x.ts', '../../../scripts/bench.ts'],
  ['testing-knows-no-scripts', 'functions/_lib/testing/x.ts', '../../../scripts/local/platform.ts'],
  ['testing-knows-no-scripts', 'functions/users/profile/testing/x.ts', '../../../../scripts/local/platform.ts'],
  ['layer-lib', 'scripts/lib/x.ts', '../manifests/render/render.ts'],
  ['layer-lib', 'scripts/photos/x.ts', '../local/platform.ts'],
  ['layer-tools', 'scripts/manifests/x.ts', '../local/platform.ts'],
  ['layer-tools', 'scripts/openapi/x.test.ts', '../local/platform.ts'],
  ['layer-tools', 'scripts/openapi.ts', './local/platform.ts'],
  ['layer-local', 'scripts/local/platform/x.ts', '../../bench.ts'],
  ['no-index-file', 'functions/waste/x.ts', './rules/index.ts'],
  ['resolvable', 'functions/waste/x.ts', './nowhere.ts'],
]

describe.each(refused)('%s', (rule, from, to) => {
  test(`fires when ${from} imports ${to}`, async () => {
    await write({ [from]: `import '${to}'\n`, 'functions/waste/rules/index.ts': '' })
    expect(rulesIn(await findBoundaryProblems(repository))).toEqual([rule])
  })
})

test.each(['import type { Job } from', 'export * from', 'import * as job from'])('sees "%s"', async (statement) => {
  await write({ 'functions/users/x.ts': `${statement} '../waste/job.ts'\n` })
  expect(rulesIn(await findBoundaryProblems(repository))).toEqual(['no-other-domain'])
})

test('sees an import() at run time', async () => {
  await write({ 'functions/users/x.ts': "export const load = () => import('../waste/job.ts')\n" })
  expect(rulesIn(await findBoundaryProblems(repository))).toEqual(['no-other-domain'])
})

test('no-cycle fires with the way round', async () => {
  await write({ 'functions/waste/a.ts': "import './b.ts'\n", 'functions/waste/b.ts': "import './a.ts'\n" })
  const [problem, ...others] = await findBoundaryProblems(repository)
  expect(others).toEqual([])
  expect(problem).toContain('functions/waste/a.ts → functions/waste/b.ts → functions/waste/a.ts\n    no-cycle: ')
})

const allowed: [from: string, to: string][] = [
  ['functions/waste/presign/x.ts', '../job.ts'],
  ['functions/waste/presign/x.ts', '../rules/sort.ts'],
  ['functions/waste/status/openapi.ts', '../status.openapi.ts'],
  ['functions/waste/status/openapi.ts', '../../_lib/openapi/description.ts'],
  ['functions/waste/presign/x.test.ts', './openapi.ts'],
  ['scripts/openapi-more.ts', '../functions/waste/presign/openapi.ts'],
  ['functions/waste/presign/x.ts', './presign.ts'],
  ['functions/waste/presign/x.ts', '../../_lib/process/log.ts'],
  ['functions/waste/presign/x.ts', '../../_contracts/event.v1.ts'],
  ['functions/waste/presign/x.ts', 'hono'],
  ['functions/waste/presign/x.pg.ts', 'drizzle-orm'],
  ['functions/waste/presign/x.pg.ts', 'pg'],
  ['functions/waste/schema.ts', 'drizzle-orm'],
  ['functions/waste/presign/main.ts', 'ioredis'],
  ['functions/waste/presign/x.test.ts', 'pg'],
  ['functions/waste/presign/x.test.ts', '../../../scripts/local/platform.ts'],
  ['functions/waste/presign/x.test.ts', '../../../scripts/lib/root.ts'],
  ['functions/waste/presign/x.test.ts', '../../_lib/testing/suite.ts'],
  ['functions/_lib/testing/x.ts', 'pg'],
  ['functions/waste/analysis/image/resize.ts', 'sharp'],
  ['functions/_contracts/x.v1.ts', '../_lib/process/log.ts'],
  ['functions/jobs/batch/x.ts', '../../users/tasks/sync.ts'],
  ['functions/events/relay/x.ts', '../../waste/tasks/cleanup.ts'],
  ['functions/events/dead-letter/x.ts', '../../waste/tasks/cleanup.ts'],
  ['functions/events/relay/x.ts', '../outbox.ts'],
  ['scripts/local/x.ts', '../manifests/render/render.ts'],
  ['scripts/local/x.ts', '../lib/root.ts'],
  ['scripts/manifests/x.ts', '../openapi/document.ts'],
  ['scripts/faults/x.ts', '../local/platform.ts'],
  ['scripts/faults/x.ts', '../bench.ts'],
  ['scripts/bench-more.ts', '../functions/waste/job.ts'],
]

test.each(allowed)('%s may import %s', async (from, to) => {
  await write({ [from]: `import '${to}'\n` })
  expect(await findBoundaryProblems(repository)).toEqual([])
})

test('every rule is shown to fire', () => {
  const shown = new Set([...refused.map(([rule]) => rule), 'no-cycle'])
  const names = createBoundaryRules(['functions/waste/presign']).map(({ name }) => name ?? '')
  expect(names.filter((name) => !shown.has(name))).toEqual([])
})

test('a cruise that looked at nothing does not pass as clean', async () => {
  const { output } = await cruise([], { baseDir: repository, validate: true, ruleSet: {} })
  expect(describeCruise(output as ICruiseResult, ['functions/waste/job.ts'])).toEqual([
    'functions/waste/job.ts was not looked at, so its imports are unchecked',
  ])
})

test('a file that cannot be parsed does not pass as clean', async () => {
  await write({ 'functions/waste/x.ts': 'import {{{\n' })
  await expect(findBoundaryProblems(repository)).rejects.toThrow(/x\.ts/)
})
