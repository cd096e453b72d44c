import { describe, expect, test } from 'vitest'
import { findForbiddenStrings } from './forbidden-strings.ts'

const repository = '/srv/checkouts/growbin/'
// Put together at run time, so that this file does not hold what is looked for.
const glue = (...parts: string[]) => parts.join('')

describe('refuses', () => {
  test.each([
    ['a registry', glue('https://regis', 'try.npmjs.org/pg')],
    ['a registry without a scheme', glue('registry=regis', 'try.npmjs.org')],
    ['a path in a home folder', glue('/Us', 'ers/anna/growbin')],
    ['a path of a build machine', glue('/wo', 'rk/main/functions')],
    ['the path of this checkout', glue('/srv/check', 'outs/growbin/scripts')],
    ['an access key', glue('AKI', 'ABCDEFGHIJKLMNOPQ')],
    ['a private key', glue('-----BEGIN PRIVATE', ` KEY-----\n${'A'.repeat(64)}`)],
  ])('%s, with its line', (_, text) => {
    expect(findForbiddenStrings(repository, 'a.md', `first\n${text}`)).toEqual([expect.stringMatching(/^a\.md:2: "/)])
  })
})

test.each([
  'ghcr.io/growbin/waste-presign',
  '/home/ubuntu',
  '/work/items',
  '/srv/checkouts/growbin-old',
  glue('AKI', 'AIOSFODNN7EXAMPLE'),
])('accepts "%s"', (text) => {
  expect(findForbiddenStrings(repository, 'a.md', text)).toEqual([])
})
