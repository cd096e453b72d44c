import { setTimeout as delay } from 'node:timers/promises'

/** Waits `ms` milliseconds; resolves early when the signal aborts. */
export async function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  if (durationMs <= 0 || signal?.aborted) return
  await delay(durationMs, undefined, signal && { signal }).catch(() => undefined)
}

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
