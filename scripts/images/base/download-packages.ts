import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export type BasePackage = { name: string; version: string; architecture: string; sha256: string }

const run = promisify(execFile)
const downloadTimeoutMs = 120_000

/** Downloads a package of the distribution by apt, unless the folder has it. Resolves to its content, whose checksum was compared. */
export async function downloadPackage(wanted: BasePackage, folder: string): Promise<Buffer> {
  await mkdir(folder, { recursive: true })
  const kept = await readPackage(wanted, folder)
  if (kept) return kept
  const name = `${wanted.name}=${wanted.version}`
  try {
    await run('apt-get', ['download', '--quiet', name], { cwd: folder, timeout: downloadTimeoutMs })
  } catch (error) {
    throw new Error(
      `The package "${name}" cannot be downloaded by apt; run "apt-get update" first, or, when Debian has replaced that version, "node scripts/images/base/update-packages.ts"`,
      { cause: error },
    )
  }
  const content = await readPackage(wanted, folder)
  if (!content)
    throw new Error(`The package "${name}" that apt has downloaded does not have the SHA-256 ${wanted.sha256}`)
  return content
}

/** The file whose content has the wanted checksum, whatever it is called: apt writes an epoch into the name in its own way. */
async function readPackage({ name, sha256 }: BasePackage, folder: string): Promise<Buffer | undefined> {
  for (const found of await readdir(folder)) {
    if (!found.startsWith(`${name}_`) || !found.endsWith('.deb')) continue
    const content = await readFile(join(folder, found))
    if (createHash('sha256').update(content).digest('hex') === sha256) return content
  }
  return undefined
}
