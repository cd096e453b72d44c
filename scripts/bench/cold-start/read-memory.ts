import { readFile } from 'node:fs/promises'

/** Reads the resident memory of a process in MiB; undefined without `/proc`. */
export async function readMemoryMib(processId: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '')
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]
  return kib === undefined ? undefined : Number(kib) / 1024
}
