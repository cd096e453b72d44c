import { chmod, chown, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { paths, userId } from '../recipe.ts'
import { runInRoot } from './run-in-root.ts'

const compileTimeoutMs = 120_000

// Importing compiles a file without starting it, because none is the main module. The cache is enabled here and not by the
// environment, so that this script itself is not in it.
const script = `
const { enableCompileCache, flushCompileCache } = await import('node:module')
const { globSync } = await import('node:fs')
enableCompileCache('${paths.compileCache}')
for (const file of globSync('${paths.app}/*.{js,mjs}').sort()) await import(file)
flushCompileCache()
process.exit()
`

/**
 * Makes the compile cache of the program in `<root>/app`, with the Node.js of that root, at the path and as the user of the image: it
 * counts for no other. Throws when Node.js wrote none.
 */
export async function makeCompileCache(root: string): Promise<void> {
  const folder = join(root, paths.compileCache)
  await mkdir(folder)
  if (process.getuid?.() === 0) await chown(folder, userId, userId)
  else await chmod(folder, 0o777)
  await runInRoot(root, {
    // The hashes of strings are in the cache; with one seed the same program has the same cache. Node.js takes the cache with any seed.
    args: ['--random-seed=1', '--input-type=module', '--eval', script],
    timeoutMs: compileTimeoutMs,
  })
  const made = await readdir(folder)
  if (!made.some((name) => name.endsWith(`-${userId}`))) {
    throw new Error(`Node.js wrote no compile cache for user ${userId}; found ${made.join(', ') || 'nothing'}`)
  }
}
