import { spawn } from 'node:child_process'
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pause } from '../../lib/pause.ts'
import type { Settings } from '../settings.ts'
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts'

type Places = Pick<Settings, 'state' | 'logs' | 'node'>

export type DaemonOptions = {
  /** In the network of the node, or of this machine. */
  network: 'node' | 'machine'
  cwd?: string
  environment?: Readonly<Record<string, string>>
}

const graceMs = 10_000
const folderOf = ({ state }: Places) => join(state, 'daemons')
const fileOf = (places: Places, name: string) => join(folderOf(places), `${name}.json`)
export const logOf = ({ logs }: Places, name: string): string => join(logs, `daemon-${name}.log`)

/** Starts a program that outlives this one, unless it runs already; its process is recorded, so that any later command can stop it. */
export async function startDaemon(
  places: Places,
  name: string,
  command: readonly [string, ...string[]],
  options: DaemonOptions,
): Promise<void> {
  if (await isRunning(places, name)) return
  await mkdir(folderOf(places), { recursive: true })
  await mkdir(places.logs, { recursive: true })
  // nsenter and not "ip netns exec", which mounts a new /sys without the control groups.
  const enter = options.network === 'node' ? ['nsenter', `--net=/run/netns/${places.node}`] : []
  const [program = '', ...args] = [...enter, ...command]
  const log = await open(logOf(places, name), 'a')
  try {
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      ...(options.cwd && { cwd: options.cwd }),
      env: { ...process.env, ...options.environment },
    })
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    const identity = child.pid === undefined ? undefined : await identify(child.pid)
    if (!identity) throw new Error(`"${name}" ended at once; its log is "${logOf(places, name)}"`)
    await writeFile(fileOf(places, name), JSON.stringify(identity))
    child.unref()
  } finally {
    await log.close()
  }
}

const find = async (places: Places, name: string): Promise<ProcessIdentity | undefined> => {
  try {
    return JSON.parse(await readFile(fileOf(places, name), 'utf8')) as ProcessIdentity
  } catch {
    return undefined
  }
}

export async function isRunning(places: Places, name: string): Promise<boolean> {
  const known = await find(places, name)
  return known !== undefined && (await isAlive(known))
}

/** Stops programs of an earlier configuration, in this order, before they are started with another. */
export async function stopDaemons(places: Places, names: readonly string[]): Promise<void> {
  for (const name of names) await stopDaemon(places, name)
}

/** Stops a program that `startDaemon` started, by SIGTERM, then by SIGKILL. */
export async function stopDaemon(places: Places, name: string): Promise<void> {
  const known = await find(places, name)
  if (known) {
    await endProcess(known, graceMs)
    await rm(fileOf(places, name), { force: true })
  }
}

export async function endProcess(known: ProcessIdentity, graceMs: number): Promise<void> {
  const signal = async (name: NodeJS.Signals) => {
    if (!(await isAlive(known))) return
    try {
      process.kill(known.pid, name)
    } catch {
      // It has ended between the two lines.
    }
  }
  if (graceMs > 0) await signal('SIGTERM')
  const killAtMs = performance.now() + graceMs
  while (performance.now() < killAtMs && (await isAlive(known))) await pause(50)
  await signal('SIGKILL')
  const giveUpAtMs = performance.now() + graceMs + 2000
  while (performance.now() < giveUpAtMs && (await isAlive(known))) await pause(50)
}

/** Names of all programs that were started and not stopped. */
export async function listDaemons(places: Places): Promise<string[]> {
  const files = await readdir(folderOf(places)).catch(() => [])
  return files.map((file) => file.replace(/\.json$/, '')).sort()
}
