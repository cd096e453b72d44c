import type { Logger } from '../../_lib/log.ts'

export type RelayBatch = { sent: number; failed: number; parked: number }

export type RelayDeps = {
  /** Publishes one batch of what is due. */
  relayBatch: () => Promise<RelayBatch>
  /** Has the events of quiet work written into the outbox again. */
  redrive: () => Promise<{ redriven: number; failed: number; more: boolean }>
  log: Logger
  nowMs: () => number
  runMsMax: number
}

export type RelayReport = { sent: number; failed: number; parked: number; redriven: number; jobsFailed: number }

/** Redrives quiet work, then publishes until nothing is due, the broker stops answering, or the time is up. */
export async function relay(deps: RelayDeps): Promise<RelayReport> {
  const report: RelayReport = { sent: 0, failed: 0, parked: 0, redriven: 0, jobsFailed: 0 }
  const endMs = deps.nowMs() + deps.runMsMax
  for (let more = true; more && deps.nowMs() < endMs; ) {
    const redrive = await deps.redrive()
    report.redriven += redrive.redriven
    report.jobsFailed += redrive.failed
    more = redrive.more
  }
  while (deps.nowMs() < endMs) {
    const batch = await deps.relayBatch()
    report.sent += batch.sent
    report.failed += batch.failed
    report.parked += batch.parked
    if (batch.sent + batch.parked === 0 || batch.failed > 0) break
  }
  if (Object.values(report).some((count) => count > 0)) deps.log.info('Relayed what was left behind', report)
  return report
}
