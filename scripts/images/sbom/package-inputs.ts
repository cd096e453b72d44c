import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A package of npm as the lock file has it. */
export type LockedPackage = { name: string; version: string; license?: string; sha512?: string }

type LockFile = { packages: Record<string, { version?: string; license?: string; integrity?: string }> }

/**
 * The packages that the files of a bundle come from, once each, sorted by name and version. `inputs` are paths from the root of the
 * repository, as in the metafile of esbuild. Throws for a file of a package that the lock file does not have.
 */
export async function readLockedPackages(repository: string, inputs: readonly string[]): Promise<LockedPackage[]> {
  const { packages } = JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')) as LockFile
  const folders = new Set(inputs.flatMap((input) => packageFolderOf(input) ?? []))
  const locked = [...folders].map((folder) => {
    const found = packages[folder]
    if (!found?.version) throw new Error(`"${folder}" is in a bundle and not in package-lock.json; run "npm ci"`)
    const sha512 = found.integrity?.split(' ').find((part) => part.startsWith('sha512-'))
    return {
      name: folder.slice(folder.lastIndexOf(modulesFolder) + modulesFolder.length),
      version: found.version,
      ...(found.license && { license: found.license }),
      ...(sha512 && { sha512: Buffer.from(sha512.slice('sha512-'.length), 'base64').toString('hex') }),
    }
  })
  const unique = new Map(locked.map((found) => [`${found.name}@${found.version}`, found]))
  return [...unique.keys()].sort().map((key) => unique.get(key) as LockedPackage)
}

const modulesFolder = 'node_modules/'

/** `node_modules/a/node_modules/@b/c` of a path in it; undefined for a file of ours. A name of esbuild's may precede it. */
function packageFolderOf(input: string): string | undefined {
  const start = input.indexOf(modulesFolder)
  const nameStart = input.lastIndexOf(modulesFolder) + modulesFolder.length
  if (start === -1) return undefined
  const name = input.slice(nameStart).split('/')
  return `${input.slice(start, nameStart)}${name.slice(0, name[0]?.startsWith('@') ? 2 : 1).join('/')}`
}
