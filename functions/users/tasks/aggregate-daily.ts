export type AggregateDailyDeps = {
  /** Counts one batch of changed days. `more` is true when others may be due now. */
  aggregateBatch: () => Promise<{ days: number; more: boolean }>
  nowMs: () => number
  runMsMax: number
}

/**
 * Counts the days whose results changed since the last run, for at most `runMsMax` and one batch more. Statistics count the other
 * days from the results, so a run that ends early or never starts makes them slower, never wrong. Several runs may be concurrent.
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
