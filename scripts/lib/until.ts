import { setTimeout as pause } from 'node:timers/promises'

const pollMs = 50

/** Polls until the result is not undefined. Throws when that takes longer than the deadline. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = 30_000,
): Promise<T> {
  const endMs = performance.now() + deadlineMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > endMs) throw new Error(`${what} did not happen within ${deadlineMs} ms`)
    await pause(pollMs)
  }
}
