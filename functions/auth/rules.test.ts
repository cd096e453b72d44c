import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const repository = resolve(import.meta.dirname, '../..')

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

it.each(rows.filter(({ what }) => what !== 'not here'))(
  '$rule ($what) is held by a test of that name',
  async ({ test }) => {
    const [, path = '', name = ''] = /^`([^`]+)`: “([^”]+)”$/.exec(test) ?? []
    expect(await readFile(join(repository, path), 'utf8')).toContain(name)
  },
)
