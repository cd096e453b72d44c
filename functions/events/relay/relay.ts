import type { Logger } from '../../_lib/process/log.ts'

export type RelayReport = { sent: number; failed: number; parked: number }

export type RelayDeps = {
  /** Publishes one batch of due events. */
  relayBatch: () => Promise<RelayReport>
  log: Logger
  nowMs: () => number
  runMsMax: number
}

/** Publishes until nothing is due, more of a batch fails than succeeds, or `runMsMax` is over. */
export async function relay(deps: RelayDeps): Promise<RelayReport> {
  const report: RelayReport = { sent: 0, failed: 0, parked: 0 }
  const endMs = deps.nowMs() + deps.runMsMax
  while (deps.nowMs() < endMs) {
    const batch = await deps.relayBatch()
    report.sent += batch.sent
    report.failed += batch.failed
    report.parked += batch.parked
    const settled = batch.sent + batch.parked
    // One event that always fails must not stop the others; an unavailable broker must not be tried for each of them.
    if (settled === 0 || batch.failed > settled) break
  }
  if (report.sent + report.failed + report.parked > 0) deps.log.info('Published the due events of the outbox', report)
  return report
}
