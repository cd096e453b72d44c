import { readFile } from 'node:fs/promises'

// USER_HZ, which Linux fixes for all its interfaces (man 5 proc_pid_stat).
const tickMs = 10

/** Reads the processor time of a process so far; NaN without `/proc`. */
export async function readCpuMs(processId: number): Promise<number> {
  const text = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '')
  // The program name, in brackets, may contain spaces; the third field follows it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}
