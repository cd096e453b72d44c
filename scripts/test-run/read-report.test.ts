import { expect, test } from 'vitest'
import { readReport } from './read-report.ts'
import { summarise } from './summarise.ts'

type File = { name: string; status?: string; message?: string; tests?: Record<string, string> }

const read = (files: File[] | undefined, ended: number | string = 0) =>
  readReport({
    stage: 'unit',
    ended,
    root: '/repository',
    durationMs: 1_234,
    text:
      files &&
      JSON.stringify({
        testResults: files.map(({ name, status = 'passed', message = '', tests = {} }) => ({
          ...{ name: `/repository/${name}`, status, message },
          assertionResults: Object.entries(tests).map(([fullName, outcome]) => ({ fullName, status: outcome })),
        })),
      }),
  })

test('counts each test once, and names failed and skipped ones', () => {
  const tests = { works: 'passed', breaks: 'failed', waits: 'skipped', later: 'pending', planned: 'todo' }
  expect(
    read(
      [
        { name: 'a.test.ts', status: 'failed', tests },
        { name: 'b.test.ts', tests: { works: 'passed' } },
      ],
      1,
    ),
  ).toEqual({
    stage: 'unit',
    passed: 2,
    failures: ['a.test.ts > breaks'],
    skipped: [
      { name: 'a.test.ts > waits', why: 'skipped by itself' },
      { name: 'a.test.ts > later', why: 'skipped by itself' },
      { name: 'a.test.ts > planned', why: 'still to be written' },
    ],
    durationMs: 1_234,
  })
})

test('counts a file that failed outside its tests as one failure', () => {
  const broken = {
    name: 'a.test.ts',
    status: 'failed',
    message: 'Cannot find "./x.ts"\n at …',
    tests: { never: 'skipped' },
  }
  expect(read([broken], 1)).toMatchObject({ passed: 0, failures: ['a.test.ts: Cannot find "./x.ts"'] })
})

test.each([
  ['an error outside the tests', [{ name: 'a.test.ts', tests: { works: 'passed' } }], 1],
  ['no report', undefined, 'SIGKILL'],
  ['no test', [], 0],
] as const)('counts a run with %s as one failure', (_, files, ended) => {
  expect(read(files as File[] | undefined, ended).failures).toHaveLength(1)
})

const clean = { stage: 'unit', passed: 3, failures: [], skipped: [], durationMs: 1_000 }

test('prints the counts of all stages on the last line', () => {
  const check = { ...clean, stage: 'check', passed: 0 }
  const { lines, exitCode } = summarise({ results: [check, clean, { ...clean, passed: 4 }], leftOut: [], isCi: true })
  expect([lines.at(-1), exitCode]).toEqual(['7 passed, 0 failed', 0])
})

test('fails when a stage failed, and names the failures', () => {
  const failed = { ...clean, stage: 'e2e', failures: ['a.e2e.test.ts > breaks'] }
  const { lines, exitCode } = summarise({ results: [clean, failed], leftOut: [], isCi: false })
  expect([lines.at(-1), exitCode]).toEqual(['6 passed, 1 failed', 1])
  expect(lines).toContain('  e2e  a.e2e.test.ts > breaks')
})

test('names skipped stages with the reasons, which fails only in CI', () => {
  const skipping = { ...clean, skipped: [{ name: 'a.test.ts > waits', why: 'skipped by itself' }] }
  const run = { results: [skipping], leftOut: [{ name: 'e2e', why: '--quick' }] }
  const { lines, exitCode } = summarise({ ...run, isCi: false })
  expect([lines.at(-1), exitCode]).toEqual(['3 passed, 0 failed, 1 skipped', 0])
  expect(lines).toEqual(
    expect.arrayContaining(['  e2e, all of it (--quick)', '  unit  a.test.ts > waits (skipped by itself)']),
  )
  expect(summarise({ ...run, isCi: true }).exitCode).toBe(1)
  expect(summarise({ ...run, results: [clean], isCi: true }).exitCode).toBe(1)
})
