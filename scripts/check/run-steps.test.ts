import { expect, test } from 'vitest'
import { runSteps } from './run-steps.ts'

const clock = () => {
  let calls = 0
  return () => calls++ * 1500
}

test('each step has one line with its time, and the failures follow in full', async () => {
  const lines: string[] = []
  const isClean = await runSteps(
    [
      { name: 'types', run: async () => [] },
      { name: 'lint', run: async () => ['a.ts is wrong', 'b.ts is wrong'] },
    ],
    (line) => lines.push(line),
    clock(),
  )
  expect(isClean).toBe(false)
  expect(lines).toEqual([
    '✓ types    1.5 s  ok',
    '✗ lint     3.0 s  2 problems',
    '\nlint\n  a.ts is wrong\n  b.ts is wrong',
  ])
})

test('all well is said', async () => {
  expect(await runSteps([{ name: 'types', run: async () => [] }], () => undefined, clock())).toBe(true)
})

test('a step that breaks has failed', async () => {
  const lines: string[] = []
  const isClean = await runSteps(
    [{ name: 'types', run: () => Promise.reject(new Error('no such tool')) }],
    (line) => lines.push(line),
    clock(),
  )
  expect(isClean).toBe(false)
  expect(lines.join('\n')).toContain('no such tool')
})

test('steps run side by side', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const waiting = { name: 'first', run: async () => promise.then(() => []) }
  const releasing = {
    name: 'second',
    run: async () => {
      resolve()
      return []
    },
  }
  expect(await runSteps([waiting, releasing], () => undefined, clock())).toBe(true)
})
