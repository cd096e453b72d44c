import type { Injury, JobRow } from './history.ts'

export type Recovery = { jobId: string; injury: string; tookMs: number }

/**
 * For every job that was under way while something was done to the system: the time from the healing of the first such injury
 * to the end of the job. A job that was not really hurt counts too, and one that was hurt again later counts from the first time,
 * so the figure is rather too long than too short.
 */
export function recoveriesOf(jobs: readonly JobRow[], injuries: readonly Injury[]): Recovery[] {
  const inOrder = injuries.toSorted((a, b) => a.healedAtMs - b.healedAtMs)
  return jobs.flatMap(({ jobId, queuedAtMs, finishedAtMs }) => {
    if (queuedAtMs === null || finishedAtMs === null) return []
    const met = inOrder.find(({ startedAtMs, healedAtMs }) => startedAtMs <= finishedAtMs && healedAtMs >= queuedAtMs)
    return met ? [{ jobId, injury: met.what, tookMs: Math.max(0, finishedAtMs - met.healedAtMs) }] : []
  })
}
