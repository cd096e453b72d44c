import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generatedFolders } from '../render/render.ts'
import { shortDiff } from './short-diff.ts'

export type ManifestDifference = {
  path: string
  state: 'missing' | 'different' | 'stale'
  diff: string
}

/** Compares the rendered files with those on disk; a file in a generated folder that nothing renders is stale. */
export async function compareManifests(
  repository: string,
  rendered: ReadonlyMap<string, string>,
): Promise<ManifestDifference[]> {
  const found = await readGenerated(repository)
  const differences: ManifestDifference[] = []
  for (const [path, expected] of rendered) {
    const actual = found.get(path)
    if (actual === expected) continue
    const state = actual === undefined ? 'missing' : 'different'
    differences.push({ path, state, diff: shortDiff(expected, actual ?? '') })
  }
  for (const path of found.keys()) {
    if (!rendered.has(path)) differences.push({ path, state: 'stale', diff: '  no function renders it' })
  }
  return differences.sort((one, other) => one.path.localeCompare(other.path, 'en'))
}

/** Every file in the generated folders, by path relative to the repository. */
export async function readGenerated(repository: string): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const folder of generatedFolders) {
    for (const name of await readFolder(join(repository, folder))) {
      files.set(`${folder}/${name}`, await readFile(join(repository, folder, name), 'utf8'))
    }
  }
  return files
}

async function readFolder(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
