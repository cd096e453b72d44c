import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runSteps } from './run-steps.ts'
import type { Step } from './step.ts'

let folder = ''
let lines: string[] = []
let ran: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'growbin-steps-'))
  await mkdir(join(folder, 'logs'))
  lines = []
  ran = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const step = (name: string, changes: Partial<Step> = {}): Step => ({
  name,
  version: '1',
  kept: 'cache',
  isThere: async () => true,
  run: async () => {
    ran.push(name)
    return undefined
  },
  ...changes,
})

const run = (...steps: Step[]) =>
  runSteps(steps, {
    settings: { cache: folder, state: join(folder, 'state'), logs: join(folder, 'logs') },
    command: './scripts/cluster up',
    print: (line) => lines.push(line),
    now: () => new Date(0),
  })

test('a step that is done is skipped, and says so', async () => {
  await run(step('first'), step('second'))
  lines = []
  await run(step('first'), step('second'))
  expect(ran).toEqual(['first', 'second'])
  expect(lines).toEqual([
    '[ 1/2] first: already done (took 0 s)',
    '[ 2/2] second: already done (took 0 s)',
    './scripts/cluster up: 0 s in all',
  ])
})

test.each([
  ['its version is another', { version: '2' }],
  ['what it made is gone', { isThere: async () => false }],
  ['it is repeated each time', { kept: 'never' as const }],
])('a step that was done runs again when %s', async (_, changes) => {
  await run(step('first'))
  await run(step('first', changes))
  expect(ran).toEqual(['first', 'first'])
})

test('a failure names the step, the end of its log and how to go on; the next run goes on with that step', async () => {
  const failing = step('second', {
    run: async (log) => {
      await appendFile(log, `${Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n')}\n`)
      throw new Error('no space')
    },
  })
  const failure = await run(step('first'), failing, step('third')).catch((error: Error) => error.message)
  expect(failure).toContain('The step "second" failed after 0 s: no space')
  expect(failure).toContain('  line 39\n')
  expect(failure).not.toContain('line 24\n')
  expect(failure).toContain('"./scripts/cluster up" goes on with this step')
  expect(ran).toEqual(['first'])
  await run(step('first'), step('second'), step('third'))
  expect(ran).toEqual(['first', 'second', 'third'])
})

test('a step that fails after it was done once does not count as done', async () => {
  await run(step('first'))
  const failing = step('first', { isThere: async () => false, run: () => Promise.reject(new Error('gone')) })
  await expect(run(failing)).rejects.toThrow('gone')
  await run(step('first'))
  expect(ran).toEqual(['first', 'first'])
})
