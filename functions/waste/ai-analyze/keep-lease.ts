import { LeaseLostError } from './analysis.ts'

export type KeptLease = {
  /** Aborted, with a `LeaseLostError`, as soon as the lease is known to be lost. */
  signal: AbortSignal
  stop: () => void
}

/** Renews a lease at an interval while its holder works. A renewal that fails is tried again at the next one. */
export function keepLease(renew: () => Promise<boolean>, intervalMs: number): KeptLease {
  const lost = new AbortController()
  const timer = setInterval(() => {
    renew().then(
      (held) => {
        if (!held) lost.abort(new LeaseLostError('The lease is held by another worker'))
      },
      () => undefined,
    )
  }, intervalMs)
  timer.unref()
  return { signal: lost.signal, stop: () => clearInterval(timer) }
}
