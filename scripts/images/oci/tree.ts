import { chmod, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'

/** One entry of a file system, by its path from the root without a leading slash. Everything belongs to root. */
export type Entry =
  | { path: string; kind: 'file'; content: Buffer; executable: boolean }
  | { path: string; kind: 'link'; target: string }
  | { path: string; kind: 'folder'; mode?: number }

export const file = (path: string, content: string | Buffer, { executable = false } = {}): Entry => ({
  path,
  kind: 'file',
  content: typeof content === 'string' ? Buffer.from(content) : content,
  executable,
})

/** Reads a folder of this machine as entries below `under`, with what is executable as the only right that counts. */
export async function readTree(folder: string, under: string): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const found of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const source = join(found.parentPath, found.name)
    const path = posix.join(under, source.slice(folder.length + 1))
    if (found.isDirectory()) entries.push({ path, kind: 'folder' })
    else if (found.isSymbolicLink()) entries.push({ path, kind: 'link', target: await readlink(source) })
    else entries.push(file(path, await readFile(source), { executable: ((await stat(source)).mode & 0o100) !== 0 }))
  }
  return entries
}

/** Writes entries below a folder of this machine, where a program can be started in them by `chroot`. */
export async function writeTree(entries: readonly Entry[], folder: string): Promise<void> {
  for (const entry of sortTree(entries)) {
    const path = join(folder, entry.path)
    if (entry.kind === 'folder') {
      await mkdir(path, { recursive: true })
      await chmod(path, modeOf(entry))
      continue
    }
    await mkdir(dirname(path), { recursive: true })
    if (entry.kind === 'link') await symlink(entry.target, path)
    else {
      await writeFile(path, entry.content)
      // The umask of who builds counts for nothing.
      await chmod(path, modeOf(entry))
    }
  }
}

/** The entries in one order, with each folder before what is in it, and folders that nobody named. Throws for a path that comes twice. */
export function sortTree(entries: readonly Entry[]): Entry[] {
  const byPath = new Map<string, Entry>()
  for (const entry of entries) {
    const found = byPath.get(entry.path)
    if (found && !(found.kind === 'folder' && entry.kind === 'folder')) {
      throw new Error(`"${entry.path}" is in the layer twice`)
    }
    byPath.set(entry.path, entry)
  }
  for (const { path } of entries) {
    for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent)) {
      if (!byPath.has(parent)) byPath.set(parent, { path: parent, kind: 'folder' })
    }
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

export function modeOf(entry: Entry): number {
  if (entry.kind === 'folder') return entry.mode ?? 0o755
  if (entry.kind === 'link') return 0o777
  return entry.executable ? 0o755 : 0o644
}
