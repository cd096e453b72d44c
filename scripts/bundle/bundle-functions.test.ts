import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundleFunctions } from './bundle-functions.ts'

const run = promisify(execFile)
let repository: string
let outDirectory: string

const files: Record<string, string> = {
  'functions/demo/hello/main.ts': `
    import { createRequire } from 'node:module'
    import old from 'old-package'
    import { greet } from '../greet.ts'
    export class NamedError extends Error {}
    const lazy = () => import('./lazy.ts')
    if (import.meta.main) {
      const before = globalThis.lazyWasRead ?? false
      const { value } = await lazy()
      console.log(JSON.stringify({ greeting: greet('you'), old: old.platform(), name: NamedError.name, before, value }))
    }
    export const isRequireThere = typeof createRequire
  `,
  'functions/demo/hello/lazy.ts': 'globalThis.lazyWasRead = true\nexport const value: number = 42\n',
  'functions/demo/greet.ts':
    "export const greet = (name: string) => 'hello ' + name\nexport const unused = 'never called'\n",
  'functions/demo/picture/main.ts': "import sharp from 'sharp'\nif (import.meta.main) console.log(sharp())\n",
  'functions/demo/broken/main.ts': "import './nowhere.ts'\n",
  'functions/demo/thread/main.ts': `
    import { askThread } from '../ask-thread.ts'
    if (import.meta.main) console.log(await askThread())
  `,
  'functions/demo/ask-thread.ts': `
    import { Worker } from 'node:worker_threads'
    export const askThread = () =>
      new Promise((resolve) => new Worker(new URL('./answer.worker.ts', import.meta.url)).on('message', resolve))
  `,
  'functions/demo/answer.worker.ts': `
    import { parentPort } from 'node:worker_threads'
    import sharp from 'sharp'
    import { greet } from './greet.ts'
    const text: string = greet(sharp())
    parentPort?.postMessage(text)
  `,
  'node_modules/old-package/package.json': '{"name":"old-package","main":"index.js"}',
  'node_modules/old-package/index.js':
    "const os = require('os'); module.exports = { platform: () => typeof os.platform() }",
  'node_modules/sharp/package.json':
    '{"name":"sharp","main":"index.js","dependencies":{"needed":"1"},"optionalDependencies":{"@img/here":"1","@img/elsewhere":"1"}}',
  'node_modules/sharp/index.js': "module.exports = () => require('needed') + require('@img/here')",
  'node_modules/needed/package.json': '{"name":"needed","main":"index.js"}',
  'node_modules/needed/index.js': "module.exports = 'needed and '",
  'node_modules/@img/here/package.json': '{"name":"@img/here","main":"index.js"}',
  'node_modules/@img/here/index.js': "module.exports = 'native'",
}

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'bundle-from-'))
  outDirectory = await mkdtemp(join(tmpdir(), 'bundle-to-'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(repository, path)), { recursive: true })
    await writeFile(join(repository, path), text)
  }
})
afterEach(() => Promise.all([repository, outDirectory].map((folder) => rm(folder, { recursive: true }))))

const bundle = (...names: string[]) => bundleFunctions({ repository, outDirectory, names })
const bundledFiles = async () =>
  (await readdir(join(outDirectory, 'demo-hello'))).map((name) => name.replace(/-[A-Z0-9]{8}\./, '.'))

test('a bundle runs by itself, as the main module, with what is lazy in a file of its own that is read late', async () => {
  const [result] = await bundle('demo-hello')
  expect(await bundledFiles()).toEqual(['chunk.js', 'lazy.js', 'main.js', 'package.json'])
  await rm(join(repository, 'node_modules'), { recursive: true })
  const { stdout } = await run(process.execPath, [result?.file ?? ''])
  expect(JSON.parse(stdout)).toEqual({
    greeting: 'hello you',
    old: 'string',
    name: 'NamedError',
    before: false,
    value: 42,
  })
})

test('a bundle that is imported does not start', async () => {
  const [result] = await bundle('demo-hello')
  const { stdout } = await run(process.execPath, ['--eval', `await import(${JSON.stringify(result?.file)})`])
  expect(stdout).toBe('')
})

test('what nobody uses is left out, and the sizes are those of the files', async () => {
  const [result] = await bundle('demo-hello')
  const sizeOf = async (prefix: string) => {
    const folder = join(outDirectory, 'demo-hello')
    const names = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name.endsWith('.js'))
    return (await Promise.all(names.map((name) => readFile(join(folder, name))))).reduce((sum, text) => {
      expect(text.toString()).not.toContain('never called')
      return sum + text.byteLength
    }, 0)
  }
  const bytes = await sizeOf('')
  const startBytes = bytes - (await sizeOf('lazy-'))
  expect(result).toMatchObject({ name: 'demo-hello', bytes, startBytes, drivers: [], copiedPackages: [] })
})

test('a native package is copied beside the file with what it needs on this platform', async () => {
  const [result] = await bundle('demo-picture')
  expect(result).toMatchObject({ drivers: ['sharp'], copiedPackages: ['@img/here', 'needed', 'sharp'] })
  await rm(join(repository, 'node_modules'), { recursive: true })
  const { stdout } = await run(process.execPath, [result?.file ?? ''])
  expect(stdout).toBe('needed and native\n')
})

test('a native package that is not installed is an error', async () => {
  await rm(join(repository, 'node_modules/needed'), { recursive: true })
  await expect(bundle('demo-picture')).rejects.toThrow('The package "needed" is not installed')
})

test('a source map is written only when asked for', async () => {
  await bundle('demo-hello')
  expect(existsSync(join(outDirectory, 'demo-hello/main.js.map'))).toBe(false)
  await bundleFunctions({ repository, outDirectory, names: ['demo-hello'], sourcemap: true })
  expect(existsSync(join(outDirectory, 'demo-hello/main.js.map'))).toBe(true)
})

test('what an earlier build left is gone', async () => {
  await mkdir(join(outDirectory, 'demo-hello'))
  await writeFile(join(outDirectory, 'demo-hello/old.js'), '')
  await bundle('demo-hello')
  expect(await bundledFiles()).toEqual(['chunk.js', 'lazy.js', 'main.js', 'package.json'])
})

test('what runs in a thread is a file of its own beside the bundle, with its packages, and is not read at start', async () => {
  const [result] = await bundle('demo-thread')
  const folder = join(outDirectory, 'demo-thread')
  expect((await readdir(folder)).sort()).toEqual(['answer.worker.js', 'main.js', 'node_modules', 'package.json'])
  const sizeOf = async (name: string) => (await readFile(join(folder, name))).byteLength
  expect(result?.startBytes).toBe(await sizeOf('main.js'))
  expect(result?.bytes).toBe((await sizeOf('main.js')) + (await sizeOf('answer.worker.js')))
  expect(result?.copiedPackages).toEqual(['@img/here', 'needed', 'sharp'])
  await rm(join(repository, 'node_modules'), { recursive: true })
  await rm(join(repository, 'functions'), { recursive: true })
  const { stdout } = await run(process.execPath, [result?.file ?? ''])
  expect(stdout).toBe('hello needed and native\n')
})

test('an unknown function is refused with those that there are', async () => {
  await expect(bundle('demo-nothing')).rejects.toThrow(
    'No function is named "demo-nothing"; found demo-broken, demo-hello, demo-picture, demo-thread',
  )
})

test('an import that leads nowhere fails the build and names the file', async () => {
  await expect(bundle('demo-broken')).rejects.toThrow(/functions\/demo\/broken\/main\.ts.*nowhere/s)
})
