import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../../../_lib/http/errors.ts'

const waitMs = 250

/** Retries while PostgreSQL is unavailable; the last attempt begins after `forMs`. Throws the error of that attempt. */
export async function retryWhileUnavailable<T>(
  forMs: number,
  attempt: () => Promise<T>,
  random: () => number = Math.random,
): Promise<T> {
  // A monotonic clock, since the wall clock may jump.
  const endMs = performance.now() + forMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      const leftMs = endMs - performance.now()
      if (!(error instanceof UnavailableError) || leftMs <= 0) throw error
      // With jitter, since all workers lose PostgreSQL at the same time.
      await sleep(Math.min(leftMs, waitMs * (0.5 + random())))
    }
  }
}
