import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { paths, userId } from '../recipe.ts'

const run = promisify(execFile)

export type ProgramInRoot = {
  /** Of Node.js. */
  args: readonly string[]
  environment?: Record<string, string>
  timeoutMs: number
}

/** Runs the image's Node.js below a root folder, as the image's user, in its working directory. Throws when it fails. */
export async function runInRoot(root: string, { args, environment = {}, timeoutMs }: ProgramInRoot): Promise<string> {
  const [command, ...own] = commandOf(root)
  const { stdout } = await run(command, [...own, paths.node, ...args], {
    // chroot is in a folder that not every user has on the path.
    env: { ...environment, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` },
    timeout: timeoutMs,
  })
  return stdout
}

/** Root may become another user; anybody else may in a user namespace, where the program sees the same id. */
export function commandOf(root: string): [string, ...string[]] {
  return process.getuid?.() === 0
    ? ['chroot', `--userspec=${userId}:${userId}`, root]
    : ['unshare', '--user', `--map-user=${userId}`, `--map-group=${userId}`, `--root=${root}`]
}

/**
 * The same on a root that is read-only with an empty `/tmp`, as in a cluster. Needs root, since mounts of its own are what a
 * program sees then.
 */
export function readOnlyCommandOf(root: string): [string, ...string[]] {
  const script = `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && mount -t tmpfs none "$0/tmp" && exec "$@"`
  return ['unshare', '--mount', 'sh', '-c', script, root, ...commandOf(root)]
}
