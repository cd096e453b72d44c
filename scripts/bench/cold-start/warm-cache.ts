import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Creates the compile cache of a program, as its image has it. Resolves to its folder. */
export async function warmCache(file: string): Promise<string> {
  const cache = join(dirname(file), 'compile-cache')
  const files = JSON.stringify(join(dirname(file), '*.js'))
  const script =
    `for (const file of (await import('node:fs')).globSync(${files})) await import(file); ` +
    `(await import('node:module')).flushCompileCache()`
  await run(process.execPath, ['--input-type=module', '--eval', script], {
    env: { NODE_COMPILE_CACHE: cache },
    timeout: 20_000,
  })
  return cache
}
