import { setTimeout as pause } from 'node:timers/promises'
import { ApiError } from '../local/demo/api-error.ts'

const deadlineMs = 60_000

/** Retries whenever the answer is 503 with `Retry-After`, as of a busy machine; any other refusal is thrown at once. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const endMs = performance.now() + deadlineMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const askedToWait = error instanceof ApiError && error.status === 503 && error.retryAfterSeconds !== undefined
      if (!askedToWait || performance.now() > endMs) throw error
      await pause(error.retryAfterSeconds * 1_000)
    }
  }
}
