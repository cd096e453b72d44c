import { readFile } from 'node:fs/promises'

/** Resident memory of a process in MiB, as the kernel counts it; undefined where there is no `/proc`. */
export async function readMemoryMib(processId: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '')
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]
  return kib === undefined ? undefined : Number(kib) / 1024
}
