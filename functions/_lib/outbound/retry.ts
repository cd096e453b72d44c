import { setTimeout as sleep } from 'node:timers/promises'

export type RetryOptions = {
  /** Attempts, the first included. */
  maxAttempts: number
  /** Deadline of one attempt, in milliseconds. */
  timeoutMs: number
  /** Upper bound of the wait before the second attempt, in milliseconds; it doubles for each further one. */
  backoffMs: number
  shouldRetry: (error: unknown) => boolean
  random?: () => number
  signal?: AbortSignal
  /** Rejects when the signal aborts. */
  wait?: (ms: number, signal?: AbortSignal) => Promise<unknown>
}

/**
 * Runs `attempt` until it succeeds, with a deadline for each attempt and full jitter between them, and resolves to its result. Throws the
 * last error after `maxAttempts` attempts, when `shouldRetry` returns false, or when `signal` aborts.
 *
 * @example
 * const head = await retry((signal) => s3.send(command, { abortSignal: signal }), {
 *   maxAttempts: 2, timeoutMs: 1_000, backoffMs: 100, shouldRetry: isTransient,
 * })
 */
export async function retry<T>(attempt: (signal: AbortSignal) => Promise<T>, options: RetryOptions): Promise<T> {
  const random = options.random ?? Math.random
  const wait = options.wait ?? ((ms, signal) => sleep(ms, undefined, signal && { signal }))
  for (let tried = 1; ; tried += 1) {
    const deadline = AbortSignal.timeout(options.timeoutMs)
    try {
      return await attempt(options.signal ? AbortSignal.any([deadline, options.signal]) : deadline)
    } catch (error) {
      if (tried >= options.maxAttempts || options.signal?.aborted || !options.shouldRetry(error)) throw error
      await wait(random() * options.backoffMs * 2 ** (tried - 1), options.signal).catch(() => {
        throw error
      })
    }
  }
}
