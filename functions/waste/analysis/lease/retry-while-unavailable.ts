import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../../../_lib/http/errors.ts'

const waitMs = 250

/** Tries again while PostgreSQL is away, and begins the last try after this long. Throws what that one has thrown. */
export async function retryWhileUnavailable<T>(
  forMs: number,
  attempt: () => Promise<T>,
  random: () => number = Math.random,
): Promise<T> {
  // Not the wall clock, which may jump.
  const endMs = performance.now() + forMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      const leftMs = endMs - performance.now()
      if (!(error instanceof UnavailableError) || leftMs <= 0) throw error
      // Never nothing, and never the same for all: every worker loses PostgreSQL at the same time.
      await sleep(Math.min(leftMs, waitMs * (0.5 + random())))
    }
  }
}
