import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const numbered = (letter: string, count: number) => Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)
const rules = [
  ['L', 11] as const,
  ['A', 7] as const,
  ['R', 9] as const,
  ['C', 6] as const,
  ['Z', 6] as const,
  ['Q', 5] as const,
]

const readme = await readFile(join(import.meta.dirname, 'README.md'), 'utf8')
const rows = [...readme.matchAll(/^\| ([LARCZQ]\d+) \| (.+?) \| (.+) \|$/gm)].map(
  ([, rule = '', what = '', test = '']) => ({
    rule,
    what,
    test,
  }),
)

it('every rule of identity and security has a row in the README', () => {
  expect(new Set(rows.map(({ rule }) => rule))).toEqual(
    new Set(rules.flatMap(([letter, count]) => numbered(letter, count))),
  )
})

// That the test exists is a part of `npm run check`.
it.each(rows.filter(({ what }) => what !== 'not here'))('$rule ($what) names a test', ({ test }) => {
  expect(test).toMatch(/^`[^`]+\.ts`: “[^”]+”$/)
})
