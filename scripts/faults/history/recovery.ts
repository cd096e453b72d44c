import type { Injection, JobRow } from './history.ts'

export type Recovery = { jobId: string; injection: string; tookMs: number }

/**
 * For every job that was under way while something was done to the system: the time from the recovery of the first such injection
 * to the end of the job, without the time in which something was done to the system again. A job that was not really hurt counts
 * too, and one that was hurt again by a later injection counts from the first, so the figure is rather too long than too short.
 */
export function recoveriesOf(jobs: readonly JobRow[], injections: readonly Injection[]): Recovery[] {
  const inOrder = injections.toSorted((a, b) => a.recoveredAtMs - b.recoveredAtMs)
  return jobs.flatMap(({ jobId, queuedAtMs, finishedAtMs }) => {
    if (queuedAtMs === null || finishedAtMs === null) return []
    const met = inOrder.find(
      ({ startedAtMs, recoveredAtMs }) => startedAtMs <= finishedAtMs && recoveredAtMs >= queuedAtMs,
    )
    if (!met) return []
    const tookMs = healthyMs(met.recoveredAtMs, finishedAtMs, injections)
    return [{ jobId, injection: met.what, tookMs }]
  })
}

/** How much of the time between two moments lies in no injection. */
function healthyMs(fromMs: number, toMs: number, injections: readonly Injection[]): number {
  let healthy = 0
  let atMs = fromMs
  for (const { startedAtMs, recoveredAtMs } of injections.toSorted((a, b) => a.startedAtMs - b.startedAtMs)) {
    healthy += Math.max(0, Math.min(startedAtMs, toMs) - atMs)
    atMs = Math.max(atMs, recoveredAtMs)
  }
  return healthy + Math.max(0, toMs - atMs)
}
