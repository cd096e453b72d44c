import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pause } from '../../lib/pause.ts'
import { runCommand } from '../run/command.ts'
import { endProcess, isRunning, listDaemons, stopDaemon } from '../run/daemon.ts'
import { identify } from '../run/process-identity.ts'
import type { Settings } from '../settings.ts'
import { runInContainerd, socketOf } from './containerd.ts'
import { listProcesses, removeControlGroup } from './control-groups.ts'
import { hostInterface, removeNetwork } from './network.ts'

/** First what would start pods again. containerd is stopped last, by itself, since it removes its own containers. */
const stopOrder = [
  'gateway',
  'outside',
  'kubelet',
  'kube-proxy',
  'kube-scheduler',
  'kube-controller-manager',
  'kube-apiserver',
  'etcd',
]

/** Takes the cluster away, also one that is half up. Programs, images and caches stay. Resolves to what could not be removed. */
export async function removeNode(settings: Settings, log: string): Promise<string[]> {
  const others = (await listDaemons(settings)).filter((name) => !stopOrder.includes(name) && name !== 'containerd')
  for (const name of [...others, ...stopOrder]) await stopDaemon(settings, name)
  await removeContainers(settings, log)
  await stopDaemon(settings, 'containerd')
  for (const pid of await listShims(settings)) {
    const known = await identify(pid)
    if (known) await endProcess(known, 0)
  }
  await unmountAll(settings, log)
  await removeNetwork(settings, log)
  const groups = await removeControlGroup(settings)
  const mounts = await listMounts(settings)
  // Never while something is mounted in it.
  if (mounts.length === 0) await rm(settings.state, { recursive: true, force: true })
  return [
    ...groups.map((folder) => `control group ${folder}`),
    ...mounts.map((mount) => `mount ${mount}`),
    ...(await listShims(settings)).map((pid) => `process ${pid}`),
    ...(existsSync(`/run/netns/${settings.node}`) ? [`network namespace ${settings.node}`] : []),
    ...(existsSync(`/sys/class/net/${hostInterface(settings)}`) ? [`interface ${hostInterface(settings)}`] : []),
  ]
}

async function removeContainers(settings: Settings, log: string): Promise<void> {
  if (!(await isRunning(settings, 'containerd'))) return
  const ask = async (...args: string[]) => {
    const answer = await runInContainerd(settings, args, { log, timeoutMs: 10_000 }).catch(() => '')
    return answer.split('\n').filter(Boolean)
  }
  for (const pid of await listProcesses(settings)) {
    const known = await identify(pid)
    if (known) await endProcess(known, 0)
  }
  const giveUpAtMs = performance.now() + 20_000
  while (performance.now() < giveUpAtMs) {
    const tasks = await ask('tasks', 'list', '-q')
    if (tasks.length === 0) break
    await ask('tasks', 'delete', '--force', ...tasks)
    await pause(250)
  }
  const containers = await ask('containers', 'list', '-q')
  if (containers.length > 0) await ask('containers', 'delete', ...containers)
}

/** Processes that hold containers of ours, by the address of containerd that they were started with. */
async function listShims(settings: Settings): Promise<number[]> {
  const found: number[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const args = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).split('\0')
    if (args[0]?.includes('containerd-shim') && args.includes(socketOf(settings))) found.push(Number(entry))
  }
  return found
}

async function listMounts({ state }: Settings): Promise<string[]> {
  const text = await readFile('/proc/self/mounts', 'utf8')
  const paths = text.split('\n').map((line) => line.split(' ')[1]?.replaceAll('\\040', ' ') ?? '')
  return paths.filter((path) => path.startsWith(join(state, '/'))).sort()
}

async function unmountAll(settings: Settings, log: string): Promise<void> {
  // The innermost first.
  for (const path of (await listMounts(settings)).reverse()) {
    await runCommand('umount', ['--lazy', path], { log }).catch(() => undefined)
  }
}
