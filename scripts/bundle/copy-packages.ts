import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'

type Manifest = { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }

/**
 * Copies packages, and what they need, to `<folder>/node_modules`. Resolves to the names of all that were copied. An
 * optional package that is not installed belongs to another platform, and is left out.
 */
export async function copyPackages(
  names: readonly string[],
  { repository, folder }: { repository: string; folder: string },
): Promise<string[]> {
  const copied = new Set<string>()
  const waiting = names.map((name) => ({ name, isOptional: false }))
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { name, isOptional } = next
    if (copied.has(name)) continue
    const source = join(repository, 'node_modules', name)
    const manifest = await readManifest(source)
    if (!manifest) {
      if (isOptional) continue
      throw new Error(
        `The package "${name}" is not installed in "node_modules"; expected it, because a bundle needs it at run time`,
      )
    }
    copied.add(name)
    await cp(source, join(folder, 'node_modules', name), { recursive: true, dereference: true })
    const { dependencies = {}, optionalDependencies = {} } = manifest
    waiting.push(
      ...Object.keys(dependencies)
        .filter((dependency) => !(dependency in optionalDependencies))
        .map((dependency) => ({ name: dependency, isOptional: false })),
      ...Object.keys(optionalDependencies).map((dependency) => ({ name: dependency, isOptional: true })),
    )
  }
  return [...copied].sort()
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
