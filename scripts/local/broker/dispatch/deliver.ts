import { type BackOff, backOffMs } from '../topology/back-off.ts'

/** `code` is the HTTP status, or -1 when there was no answer. */
export type Attempt<T> = { code: number; answer?: T; reason?: string }

export type DeliverOptions = {
  retry: number
  backOff: BackOff
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
  signal: AbortSignal
  /** Aborted when the dispatcher is terminated: no attempt follows the current one. */
  terminating: AbortSignal
  onRetry: (attempt: Attempt<unknown>) => void
}

/** Attempts until the outcome is final or the retries are exhausted; undefined when aborted. */
export async function deliver<T>(
  attempt: () => Promise<Attempt<T>>,
  { retry, backOff, sleep, signal, terminating, onRetry }: DeliverOptions,
): Promise<Attempt<T> | undefined> {
  for (let n = 1; ; n += 1) {
    const made = await attempt()
    if (signal.aborted) return undefined
    if (!isRetryable(made.code) || n > retry || terminating.aborted) return made
    onRetry(made)
    await sleep(backOffMs(backOff, n), AbortSignal.any([signal, terminating]))
    if (signal.aborted) return undefined
    if (terminating.aborted) return { code: -1, reason: 'the dispatcher was terminated' }
  }
}

/**
 * Codes that are retried, and finally dead-lettered. To the RabbitMQ dispatcher every other code is success,
 * 3xx and most 4xx included.
 */
export function isRetryable(code: number): boolean {
  return code === -1 || code >= 500 || code === 404 || code === 408 || code === 409 || code === 429
}
