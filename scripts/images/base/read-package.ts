import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { posix } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar-stream'
import { type Entry, file } from '../oci/tree.ts'

/** The files of a package of Debian whose path matches. Hard links become files. */
export async function readPackageFiles(content: Buffer, wanted: RegExp): Promise<Entry[]> {
  const entries: Entry[] = []
  const archive = extract()
  const dpkg = startDpkg(content, ['--fsys-tarfile', '-'])
  const unpacked = pipeline(dpkg.stdout, archive)
  for await (const found of archive) {
    const { name, type, linkname, mode = 0 } = found.header
    const path = posix.normalize(name)
    if (!wanted.test(path)) found.resume()
    else if (type === 'file') entries.push(file(path, await buffer(found), { executable: (mode & 0o100) !== 0 }))
    else if (type === 'symlink') entries.push({ path, kind: 'link', target: linkname ?? '' })
    else if (type === 'link') entries.push(hardLinked(path, posix.normalize(linkname ?? ''), entries))
    found.resume()
  }
  await unpacked
  await dpkg.ended
  return entries
}

/** The fields of a package, as its control file has them. */
export async function readControl(content: Buffer): Promise<string> {
  const dpkg = startDpkg(content, ['--field', '-'])
  const [control] = await Promise.all([text(dpkg.stdout), dpkg.ended])
  return control
}

function startDpkg(content: Buffer, args: readonly string[]) {
  const child = spawn('dpkg-deb', args, { stdio: ['pipe', 'pipe', 'inherit'], timeout: 60_000 })
  // It may end before it has read everything; what it answers then says why.
  child.stdin.on('error', () => undefined)
  child.stdin.end(content)
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`dpkg-deb ${args.join(' ')} ended with ${code}`)
  })
  return { stdout: child.stdout, ended }
}

function hardLinked(path: string, target: string, entries: readonly Entry[]): Entry {
  const found = entries.find((entry) => entry.path === target)
  if (found?.kind !== 'file')
    throw new Error(`"${path}" is a hard link to "${target}", which is not in the same package`)
  return { ...found, path }
}
