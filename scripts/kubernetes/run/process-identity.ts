import { readFile } from 'node:fs/promises'

/** A process, told apart from a later one with the same id by the time at which it started. */
export type ProcessIdentity = { pid: number; startedAtTicks: string }

export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name of the program may hold spaces and brackets, and ends with the last bracket; the start time is field 22, the state 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state = 'X', startedAtTicks = ''] = [fields[0], fields[19]]
    return state === 'Z' || state === 'X' ? undefined : { pid, startedAtTicks }
  } catch {
    return undefined
  }
}

export async function isAlive(known: ProcessIdentity): Promise<boolean> {
  return (await identify(known.pid))?.startedAtTicks === known.startedAtTicks
}
