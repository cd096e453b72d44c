import { readFile } from 'node:fs/promises'

// USER_HZ, which Linux fixes for all its interfaces (man 5 proc_pid_stat).
const tickMs = 10

/** Time on the processor that a process has had so far; NaN where there is no `/proc`. */
export async function readCpuMs(processId: number): Promise<number> {
  const text = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '')
  // The name of the program, in brackets, may hold spaces; the rest begins with the third field.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}
