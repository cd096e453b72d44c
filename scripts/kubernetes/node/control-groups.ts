import { existsSync } from 'node:fs'
import { glob, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pause } from '../../lib/pause.ts'
import { endProcess } from '../run/daemon.ts'
import { identify } from '../run/process-identity.ts'
import type { Settings } from '../settings.ts'

const mount = '/sys/fs/cgroup'

/** The control group of all pods in each hierarchy: one with version 2, several with version 1. */
async function foldersOf({ cgroup }: Pick<Settings, 'cgroup'>): Promise<string[]> {
  if (existsSync(join(mount, 'cgroup.controllers'))) return [join(mount, cgroup)]
  const hierarchies = await readdir(mount, { withFileTypes: true })
  return hierarchies.filter((entry) => entry.isDirectory()).map(({ name }) => join(mount, name, cgroup))
}

export async function makeControlGroup(settings: Settings): Promise<void> {
  for (const folder of await foldersOf(settings)) {
    await mkdir(folder, { recursive: true })
    await enableControllers(folder)
    // With version 1 a new group of "cpuset" has no processor and no memory, and takes no process until it has.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const path = join(folder, file)
      if (existsSync(path) && !(await readFile(path, 'utf8')).trim()) {
        await writeFile(path, await readFile(join(folder, '..', file), 'utf8')).catch(() => undefined)
      }
    }
  }
}

/** With version 2 a controller is at hand in a group only when its parent passes it on. */
async function enableControllers(folder: string): Promise<void> {
  const parent = join(folder, '..')
  const available = await readFile(join(parent, 'cgroup.controllers'), 'utf8').catch(() => '')
  const wanted = ['cpu', 'cpuset', 'memory', 'pids', 'io', 'hugetlb'].filter((name) =>
    available.split(/\s+/).includes(name),
  )
  for (const name of wanted) await writeFile(join(parent, 'cgroup.subtree_control'), `+${name}`).catch(() => undefined)
}

/** Processes in the group of all pods and below. */
export async function listProcesses(settings: Settings): Promise<number[]> {
  const found = new Set<number>()
  for (const folder of await foldersOf(settings)) {
    for await (const file of glob('**/cgroup.procs', { cwd: folder })) {
      const text = await readFile(join(folder, file), 'utf8').catch(() => '')
      for (const id of text.split('\n').filter(Boolean)) found.add(Number(id))
    }
  }
  return [...found]
}

/** Ends each process of a pod and removes the groups. Resolves to the folders that are left. */
export async function removeControlGroup(settings: Settings): Promise<string[]> {
  for (let attempt = 0; attempt < 20; attempt++) {
    for (const pid of await listProcesses(settings)) {
      const known = await identify(pid)
      if (known) await endProcess(known, 0)
    }
    for (const folder of await foldersOf(settings)) await removeEmpty(folder)
    if (!(await foldersOf(settings)).some((folder) => existsSync(folder))) return []
    await pause(250)
  }
  return (await foldersOf(settings)).filter((folder) => existsSync(folder))
}

async function removeEmpty(folder: string): Promise<void> {
  if (!existsSync(folder)) return
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await removeEmpty(join(folder, entry.name))
  }
  await rmdir(folder).catch(() => undefined)
}
