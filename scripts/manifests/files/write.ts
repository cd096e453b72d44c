import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generatedMarker } from '../resource.ts'
import { readGenerated } from './compare.ts'

/** Writes what differs and removes what nothing renders any more. Never removes a file that it did not generate. */
export async function writeManifests(
  repository: string,
  rendered: ReadonlyMap<string, string>,
): Promise<{ written: string[]; removed: string[] }> {
  const found = await readGenerated(repository)
  const written: string[] = []
  for (const [path, text] of rendered) {
    if (found.get(path) === text) continue
    await mkdir(dirname(join(repository, path)), { recursive: true })
    await writeFile(join(repository, path), text)
    written.push(path)
  }
  const removed: string[] = []
  for (const [path, text] of found) {
    if (rendered.has(path)) continue
    if (!text.split('\n', 1)[0]?.includes(generatedMarker)) {
      throw new Error(`"${path}" was written by hand; only generated files belong in its folder`)
    }
    await rm(join(repository, path))
    removed.push(path)
  }
  return { written, removed }
}
