import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { findChangedFunctions, readFunctionInputs } from './changed-functions.ts'

const files: Record<string, string> = {
  'functions/demo/hello/main.ts':
    "import { greet } from '../greet.ts'\nimport 'a-package'\nconsole.log(greet(), () => import('./lazy.ts'))\n",
  'functions/demo/hello/function.ts': 'export default {}\n',
  'functions/demo/hello/lazy.ts': 'export const value = 1\n',
  'functions/demo/greet.ts': "export const greet = () => new Worker(new URL('./answer.worker.ts', import.meta.url))\n",
  'functions/demo/answer.worker.ts': "import { text } from './text.ts'\nconsole.log(text)\n",
  'functions/demo/text.ts': "export const text = 'hello'\n",
  'functions/demo/other/main.ts':
    "import type { Nothing } from '../greet.ts'\nconsole.log(1)\nexport type { Nothing }\n",
  'functions/demo/other/function.ts': 'export default {}\n',
}

async function withInputs(check: (inputs: Awaited<ReturnType<typeof readFunctionInputs>>) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'growbin-changed-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    check(
      await readFunctionInputs(folder, {
        'demo-hello': 'functions/demo/hello/function.ts',
        'demo-other': 'functions/demo/other/function.ts',
      }),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

it('follows imports, late imports and the files of threads, and leaves out what is imported for its types', async () => {
  await withInputs((inputs) => {
    for (const path of [
      'functions/demo/hello/main.ts',
      'functions/demo/hello/lazy.ts',
      'functions/demo/greet.ts',
      'functions/demo/answer.worker.ts',
      'functions/demo/text.ts',
      'functions/demo/hello/function.ts',
    ]) {
      expect(findChangedFunctions([path], inputs), path).toEqual(['demo-hello'])
    }
    expect(findChangedFunctions(['functions/demo/other/main.ts'], inputs)).toEqual(['demo-other'])
  })
})

it.each([
  ['a test', ['functions/demo/hello/hello.test.ts'], []],
  ['a document', ['README.md', 'charts/README.md'], []],
  ['a package', ['package-lock.json'], ['demo', 'growbin-migrate']],
  ['the recipe of images', ['scripts/images/recipe.ts'], ['demo', 'growbin-migrate']],
  ['a migration', ['functions/waste/migrations/0007_more.sql'], ['growbin-migrate']],
  ['a rule', ['functions/recycling/rule-base/can.ts'], ['growbin-migrate']],
])('%s changes what is made of it', (_, changed, expected) => {
  expect(findChangedFunctions(changed, new Map([['demo', new Set(['functions/demo/main.ts'])]]))).toEqual(expected)
})
