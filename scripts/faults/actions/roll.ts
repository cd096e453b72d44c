import { readFile } from 'node:fs/promises'
import { uptime } from 'node:os'
import { pause } from '../../lib/pause.ts'
import { until } from '../../lib/until.ts'
import type { FaultContext } from '../fault.ts'

const endedWithinMs = 30_000
/** A process that is starting answers within this time, or has failed. */
const startedWithinMs = 4_000
const watchMs = 250
/** Of `/proc`: USER_HZ, which is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/** Sends SIGTERM to every process of the functions, one function after the other; new processes take the current variables. */
export async function roll({ world, complain }: FaultContext, names: readonly string[]): Promise<void> {
  const beganMs = Date.now()
  const ended = (name: string, processIds: readonly number[]) =>
    until(`The end of ${name}`, () => !processIds.some(isAlive), endedWithinMs).catch((error: Error) =>
      complain(error.message),
    )
  for (const name of names) await ended(name, await world.functions.signal(name, 'SIGTERM'))

  // A process that was starting when the others received SIGTERM has the old variables, and is listed only when it answers.
  for (const endMs = Date.now() + startedWithinMs; Date.now() < endMs; await pause(watchMs)) {
    for (const name of names) {
      const processIds = (await world.functions.instancesOf(name)).map(({ processId }) => Number(processId))
      const started = await Promise.all(processIds.map(startedAtMs))
      const late = processIds.filter((_, index) => (started[index] ?? beganMs) < beganMs)
      for (const processId of late.filter(isAlive)) process.kill(processId, 'SIGTERM')
      await ended(name, late)
    }
  }
}

/** Undefined for a process that has ended. */
async function startedAtMs(processId: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => undefined)
  // The second field may hold spaces and ends with the last bracket; the start time is the 22nd, in ticks since boot.
  const ticks = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  return stat === undefined ? undefined : Date.now() - uptime() * 1_000 + (ticks / ticksPerSecond) * 1_000
}

export function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch {
    return false
  }
}
