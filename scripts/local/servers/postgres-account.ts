import { constants } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

export type Account = { uid: number; gid: number }

/**
 * PostgreSQL refuses to run as root. For root this returns the owner of an existing cluster, else the user "postgres" if
 * the machine has one, else "nobody"; it creates no user. Undefined means: run as the current user.
 */
export async function findPostgresAccount(clusterDirectory: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const cluster = await stat(clusterDirectory).catch(() => undefined)
  if (cluster && cluster.uid !== 0) return { uid: cluster.uid, gid: cluster.gid }
  const accounts = await readFile('/etc/passwd', 'utf8')
  for (const name of ['postgres', 'nobody']) {
    const found = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(accounts)
    if (found) return { uid: Number(found[1]), gid: Number(found[2]) }
  }
  throw new Error('PostgreSQL does not run as root, and /etc/passwd has neither a user "postgres" nor "nobody".')
}

/** The first folder above or at a path that an account without special rights may not pass through. */
export async function findClosedFolder(path: string, { uid, gid }: Account): Promise<string | undefined> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined)
    if (found?.isDirectory()) {
      const right = found.uid === uid ? constants.S_IXUSR : found.gid === gid ? constants.S_IXGRP : constants.S_IXOTH
      if ((found.mode & right) === 0) return folder
    }
    if (folder === dirname(folder)) return undefined
  }
}
