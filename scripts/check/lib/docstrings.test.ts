import { expect, test } from 'vitest'
import { findUndocumentedFunctions } from './docstrings.ts'

const path = 'functions/_lib/http/some.ts'

test.each([
  'export function some(): void {}',
  'export async function some(): Promise<void> {}',
  'export const some = (text: string) => text',
  'export const some = async (text: string) => text',
  'export const some =\n  <T>(value: T) =>\n  () => value',
  "export const some: Outbox['append'] = async (tx) => tx",
  'export const some: (text: string) => string = (text) => text',
  '// A comment is no docstring.\nexport function some(): void {}',
  '/* A comment is none. */\nexport function some(): void {}',
  '/** Of the type. */\nexport type Some = string\n\nexport function some(): void {}',
])('an exported function without a docstring is named with its line: %j', (text) => {
  const problems = findUndocumentedFunctions(path, `${text}\n`)
  const line = text.split('\n').findIndex((each) => /^export (?!type)/.test(each)) + 1
  expect(problems).toEqual([expect.stringContaining(`${path}:${line} "some" has no docstring: say in /** … */`)])
})

test.each([
  '/** Does it. */\nexport function some(): void {}',
  '/**\n * Does it.\n *\n * @example\n * some()\n */\nexport const some = () => undefined',
  "/**\n * Does it.\n *\n * @example app.use('/users/*', some())\n */\nexport const some = () => undefined",
  '/** Does it. */\n// biome-ignore lint/some/rule: the reason.\nexport const some = () => undefined',
  'function some(): void {}',
  'const some = () => undefined',
  'export const some = 1',
  'export const some = z.object({ read: () => 1 })',
  "export const some = ['a'] as const",
])('a function with a docstring, and what is no exported function, needs none: %j', (text) => {
  expect(findUndocumentedFunctions(path, `${text}\n`)).toEqual([])
})

test.each(['functions/waste/some.ts', 'functions/_lib/http/some.test.ts', 'scripts/lib/some.ts'])(
  'only _lib and _contracts are looked at, and not their tests: %s',
  (other) => expect(findUndocumentedFunctions(other, 'export function some(): void {}\n')).toEqual([]),
)
