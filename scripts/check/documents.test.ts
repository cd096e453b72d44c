import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findDocumentProblems } from './documents.ts'

let repository: string

beforeAll(async () => {
  repository = await mkdtemp(join(tmpdir(), 'documents-'))
  await mkdir(join(repository, 'functions/waste/presign'), { recursive: true })
  await writeFile(join(repository, 'functions/waste/presign/main.ts'), '')
  await writeFile(join(repository, 'functions/waste/presign/presign.test.ts'), "test('opens a job', () => {})")
  await writeFile(join(repository, 'functions/README.md'), '')
  await writeFile(join(repository, 'package.json'), '{"scripts":{"check":"","new-function":""}}')
})
afterAll(() => rm(repository, { recursive: true }))

const problemsOf = (text: string) => findDocumentProblems(repository, [{ path: 'functions/README.md', text }])

describe('accepts', () => {
  test.each([
    ['a path from the top', 'see `functions/waste/presign/main.ts` and `functions/waste/`'],
    ['a path from the document', 'see `./waste/presign` and [it](waste/presign/main.ts#L3)'],
    ['a path with a line', 'see `functions/waste/presign/main.ts:3`'],
    ['a pattern that something matches', '`functions/*/*/main.ts`, `functions/{waste,users}/presign`'],
    ['what is no path of ours', '`application/json`, `node:http`, `/api/v1/waste`, `a/b`, `ghcr.io/growbin/x`, `q.ai`'],
    ['a placeholder', '`functions/<domain>/<operation>`'],
    ['a test by its name', '`functions/waste/presign/presign.test.ts`: “opens a job”'],
    ['an address', '[x](https://example.com/functions/none) and [y](#top)'],
    ['a script of package.json', 'run `npm run check` or `npm run --silent new-function -- a`'],
    ['code blocks, whose paths are examples', '```\n`functions/none`\n```\n'],
  ])('%s', async (_, text) => {
    expect(await problemsOf(text)).toEqual([])
  })
})

describe('refuses', () => {
  test.each([
    ['a path that is gone', '`functions/waste/gone.ts`', 'there is no "functions/waste/gone.ts"'],
    ['a relative path that is gone', '`./gone.ts`', 'there is no "./gone.ts"'],
    ['a pattern that nothing matches', '`functions/*/gone.ts`', 'there is no "functions/*/gone.ts"'],
    ['a link that leads nowhere', '[x](waste/gone.md)', 'the link to "waste/gone.md" leads nowhere'],
    ['an image that is gone', '![x](gone.png "title")', 'the link to "gone.png" leads nowhere'],
    [
      'a test that is gone',
      '| `functions/waste/presign/presign.test.ts`: “closes a job” |',
      '"functions/waste/presign/presign.test.ts" has no test "closes a job"',
    ],
    [
      'a test file that is gone',
      '`functions/waste/presign/gone.test.ts`: “opens a job”',
      'there is no "functions/waste/presign/gone.test.ts"',
    ],
    ['a script that is gone', '`npm run gone`', 'there is no script "npm run gone"'],
    ['a script that is gone, in a code block', '```sh\nnpm run gone\n```', 'there is no script "npm run gone"'],
  ])('%s', async (_, text, problem) => {
    expect(await problemsOf(text)).toEqual([`functions/README.md: ${problem}`])
  })
})
