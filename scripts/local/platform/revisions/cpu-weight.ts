import { writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'

/** What a function that somebody waits for asks for at least; one that asks for less stands back. */
const fullWeightMillis = 50
// sched(7): each step of niceness is about a factor of 1.25 in time on the processor.
const factorOfStep = 1.25
const nicenessMax = 19

/** How far a process stands back when the processors are busy: 0 is not at all. */
export function nicenessOf(cpuMillis: number): number {
  const steps = Math.log(fullWeightMillis / cpuMillis) / Math.log(factorOfStep)
  return Math.min(nicenessMax, Math.max(0, Math.round(steps)))
}

/**
 * Gives a process the weight that its CPU request is in the cluster: it has what is idle, and little of what is wanted by
 * others. Must be called right after the start, since threads take it from the one that creates them.
 */
export async function weighCpu(processId: number, cpuMillis: number): Promise<void> {
  const niceness = nicenessOf(cpuMillis)
  if (niceness === 0) return
  try {
    setPriority(processId, niceness)
    // Linux first divides the time among sessions, of which each function is one, and only then by niceness (sched(7)).
    await writeFile(`/proc/${processId}/autogroup`, `${niceness}`)
  } catch {
    // It has ended, or there are no groups here.
  }
}
