import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Bakes the compile cache of a program as `functions/Dockerfile` does. Resolves to its folder. */
export async function warmCache(file: string): Promise<string> {
  const cache = join(dirname(file), 'compile-cache')
  const script = `await import(${JSON.stringify(pathToFileURL(file).href)}); (await import('node:module')).flushCompileCache()`
  await run(process.execPath, ['--input-type=module', '--eval', script], {
    env: { NODE_COMPILE_CACHE: cache },
    timeout: 20_000,
  })
  return cache
}
