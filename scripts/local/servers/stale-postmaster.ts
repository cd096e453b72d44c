import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const EXIT_WAIT_MS = 10_000
const EXIT_POLL_MS = 50

/**
 * Prepares a start after a run that was killed. The server of that run stops by itself, and this waits for it;
 * a lock file whose process id now belongs to another program is removed, as PostgreSQL would take that for its own.
 */
export async function clearStalePostmaster(clusterDirectory: string, waitMs = EXIT_WAIT_MS): Promise<void> {
  const lockFile = join(clusterDirectory, 'postmaster.pid')
  const deadlineMs = performance.now() + waitMs
  for (;;) {
    const pid = Number.parseInt((await readFile(lockFile, 'utf8').catch(() => '')).split('\n')[0] ?? '', 10)
    if (Number.isNaN(pid)) return
    if (!(await isPostgres(pid))) {
      await rm(lockFile, { force: true })
      return
    }
    if (performance.now() > deadlineMs)
      throw new Error(`The database in "${clusterDirectory}" is in use by process ${pid}; stop the run it belongs to.`)
    await pause(EXIT_POLL_MS)
  }
}

async function isPostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ESRCH') return false
  }
  if (process.platform !== 'linux') return true
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return /^Name:\s+postgres$/m.test(status) && !/^State:\s+Z/m.test(status)
}
