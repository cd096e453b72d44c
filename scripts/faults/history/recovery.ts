import type { Injury, JobRow } from './history.ts'

export type Recovery = { jobId: string; injury: string; tookMs: number }

/**
 * For every job that was under way while something was done to the system: the time from the healing of the first such injury
 * to the end of the job, without the time in which something was done to the system again. A job that was not really hurt counts
 * too, and one that was hurt again by a later injury counts from the first, so the figure is rather too long than too short.
 */
export function recoveriesOf(jobs: readonly JobRow[], injuries: readonly Injury[]): Recovery[] {
  const inOrder = injuries.toSorted((a, b) => a.healedAtMs - b.healedAtMs)
  return jobs.flatMap(({ jobId, queuedAtMs, finishedAtMs }) => {
    if (queuedAtMs === null || finishedAtMs === null) return []
    const met = inOrder.find(({ startedAtMs, healedAtMs }) => startedAtMs <= finishedAtMs && healedAtMs >= queuedAtMs)
    if (!met) return []
    const tookMs = healthyMs(met.healedAtMs, finishedAtMs, injuries)
    return [{ jobId, injury: met.what, tookMs }]
  })
}

/** How much of the time between two moments lies in no injury. */
function healthyMs(fromMs: number, toMs: number, injuries: readonly Injury[]): number {
  let healthy = 0
  let atMs = fromMs
  for (const { startedAtMs, healedAtMs } of injuries.toSorted((a, b) => a.startedAtMs - b.startedAtMs)) {
    healthy += Math.max(0, Math.min(startedAtMs, toMs) - atMs)
    atMs = Math.max(atMs, healedAtMs)
  }
  return healthy + Math.max(0, toMs - atMs)
}
