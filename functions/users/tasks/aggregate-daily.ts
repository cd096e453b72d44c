export type AggregateDailyDeps = {
  /** Counts one batch of changed days. `more` is true when there may be others that are due now. */
  aggregateBatch: () => Promise<{ days: number; more: boolean }>
  nowMs: () => number
  runMsMax: number
}

/**
 * Counts the days on which a result came or went since the last run. What is not counted yet is counted by the reader, so a
 * run that ends early, or never starts, makes the statistics slower and never wrong. Any number may run at once.
 */
export async function aggregateDaily(deps: AggregateDailyDeps): Promise<{ days: number; more: boolean }> {
  const endMs = deps.nowMs() + deps.runMsMax
  let days = 0
  for (;;) {
    const batch = await deps.aggregateBatch()
    days += batch.days
    if (!batch.more || deps.nowMs() >= endMs) return { days, more: batch.more }
  }
}
