import { setTimeout as delay } from 'node:timers/promises'

/** Waits, or resolves early when the signal aborts. */
export async function sleepMs(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
