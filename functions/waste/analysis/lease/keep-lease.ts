import { AnalysisStuckError, LeaseLostError } from './analysis-errors.ts'

export type KeepLeaseOptions = {
  renew: () => Promise<boolean>
  intervalMs: number
  /** The deadline of the work, even if its lease can still be renewed. */
  workMsMax: number
  /** The delay before a retry after the deadline. */
  delaySeconds: number
}

export type KeptLease = {
  /**
   * Aborted with a `LeaseLostError` when the lease is known to be lost, or with an `AnalysisStuckError` when the time is
   * up.
   */
  signal: AbortSignal
  stop: () => void
}

/** Renews a lease at an interval. A failed renewal is repeated at the next one. */
export function keepLease(options: KeepLeaseOptions): KeptLease {
  const { intervalMs, workMsMax, delaySeconds } = options
  const ended = new AbortController()
  const renewal = setInterval(() => {
    options.renew().then(
      (held) => {
        if (!held) ended.abort(new LeaseLostError('The lease is held by another worker'))
      },
      () => undefined,
    )
  }, intervalMs)
  const deadline = setTimeout(() => {
    ended.abort(new AnalysisStuckError(delaySeconds, `The analysis took longer than ${workMsMax} ms`))
  }, workMsMax)
  renewal.unref()
  deadline.unref()
  return {
    signal: ended.signal,
    stop: () => {
      clearInterval(renewal)
      clearTimeout(deadline)
    },
  }
}

/** Settles like `work`, or rejects as soon as the signal aborts, since some calls cannot be interrupted. */
export function whileHeld<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  return Promise.race([work, aborted])
}
