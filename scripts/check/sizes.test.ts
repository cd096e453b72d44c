import { describe, expect, it } from 'vitest'
import { findLargeFolders, findLongFile } from './sizes.ts'

const files = (folder: string, count: number, ending = '.ts') =>
  Array.from({ length: count }, (_, index) => `${folder}/file-${index}${ending}`)

describe('a folder', () => {
  it('of 17 files is reported with how many it has, tests counted and folders inside it not', () => {
    const paths = [...files('a/b', 10), ...files('a/b', 7, '.test.ts'), ...files('a/b/c', 16)]
    expect(findLargeFolders(paths, [])).toEqual([
      'a/b has 17 files, and a folder has at most 16, tests counted: put those that are about one thing into a folder of their own',
    ])
  })

  it('may be larger when it is listed, or when a program wrote its files', () => {
    const exceptions = [{ path: 'a/b', reason: 'is a list' }]
    expect(
      findLargeFolders([...files('a/b', 30), ...files('functions/waste/migrations', 30, '.sql')], exceptions),
    ).toEqual([])
    expect(findLargeFolders(files('a/b/c', 17), exceptions)).toHaveLength(1)
  })
})

describe('a file', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `export const a${index} = 1`).join('\n')

  it('of 201 lines is reported, one of 200 is not', () => {
    expect(findLongFile('a/b.ts', `${lines(200)}\n`, [])).toEqual([])
    expect(findLongFile('a/b.ts', `${lines(201)}\n`, [])).toEqual([
      'a/b.ts has 201 lines, and a file has at most 200: divide it by what its parts are about, or say why not in its first comment, as "Over 200 lines: <reason>"',
    ])
  })

  it.each([
    ['a/b.ts', '// Over 200 lines: one table is one thing.\n'],
    [
      'a/b.ts',
      "import { z } from 'zod'\n\n/**\n * The tables.\n * Over 200 lines: they are read from one file.\n */\n",
    ],
    ['a/b.sh', '#!/usr/bin/env bash\n# Over 200 lines: it has no libraries.\n'],
  ])('%s may be longer when its first comment says why: %j', (path, comment) => {
    expect(findLongFile(path, comment + lines(250), [])).toEqual([])
  })

  it('says why in its first comment, not in a later one, and not without a reason', () => {
    expect(findLongFile('a/b.ts', `// First.\n${lines(250)}\n// Over 200 lines: because.\n`, [])).toHaveLength(1)
    expect(findLongFile('a/b.ts', `// Over 200 lines:\n${lines(250)}`, [])).toHaveLength(1)
  })

  it('may be longer when it is a test, generated, listed, or no code', () => {
    for (const path of ['a/b.test.ts', 'a/testing/b.ts', 'a/b.generated.ts', 'a/b.json', 'a/list/b.ts'])
      expect(findLongFile(path, lines(250), [{ path: 'a/list/', reason: 'is data' }])).toEqual([])
  })
})
