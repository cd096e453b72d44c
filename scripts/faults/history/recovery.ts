import type { Injection, JobRow } from './history.ts'

export type Recovery = { jobId: string; injection: string; tookMs: number }

/**
 * For every job that was under way during an injection: the time from the recovery of the first such injection to the end of the
 * job, without the time of further injections. A job that the injection did not affect counts too, and one that met a later
 * injection counts from the first, so the figure is too long rather than too short.
 */
export function recoveriesOf(jobs: readonly JobRow[], injections: readonly Injection[]): Recovery[] {
  const inOrder = injections.toSorted((a, b) => a.recoveredAtMs - b.recoveredAtMs)
  return jobs.flatMap(({ jobId, queuedAtMs, finishedAtMs }) => {
    if (queuedAtMs === null || finishedAtMs === null) return []
    const met = inOrder.find(
      ({ startedAtMs, recoveredAtMs }) => startedAtMs <= finishedAtMs && recoveredAtMs >= queuedAtMs,
    )
    if (!met) return []
    const tookMs = withoutInjectionMs(met.recoveredAtMs, finishedAtMs, injections)
    return [{ jobId, injection: met.what, tookMs }]
  })
}

/** How much of the time between two moments lies in no injection. */
function withoutInjectionMs(fromMs: number, toMs: number, injections: readonly Injection[]): number {
  let elapsedMs = 0
  let atMs = fromMs
  for (const { startedAtMs, recoveredAtMs } of injections.toSorted((a, b) => a.startedAtMs - b.startedAtMs)) {
    elapsedMs += Math.max(0, Math.min(startedAtMs, toMs) - atMs)
    atMs = Math.max(atMs, recoveredAtMs)
  }
  return elapsedMs + Math.max(0, toMs - atMs)
}
