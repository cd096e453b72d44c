import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export type Passwords = { postgresql: string; redis: string }

/** Made at the first deployment and kept as long as the cluster. */
export async function readOrMakePasswords(file: string): Promise<Passwords> {
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  if (kept) return JSON.parse(kept) as Passwords
  const password = () => randomBytes(18).toString('base64url')
  const made = { postgresql: password(), redis: password() }
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify(made), { mode: 0o600 })
  return made
}
