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

/**
 * Redrives quiet work, then publishes until nothing is due, the broker takes less than it refuses, or the time is up.
 * A redrive that fails does not keep anything from being published; the run fails afterwards.
 */
export async function relay(deps: RelayDeps): Promise<RelayReport> {
  const report: RelayReport = { sent: 0, failed: 0, parked: 0, redriven: 0, jobsFailed: 0 }
  const startedMs = deps.nowMs()
  // Half of the time is left for publishing, however much has gone quiet.
  const redriven = await redriveUntil(deps, report, startedMs + deps.runMsMax / 2).catch((error: unknown) => ({
    error,
  }))
  while (deps.nowMs() < startedMs + deps.runMsMax) {
    const batch = await deps.relayBatch()
    report.sent += batch.sent
    report.failed += batch.failed
    report.parked += batch.parked
    const settled = batch.sent + batch.parked
    // One event that always fails must not stop the others; a broker that is away must not be asked for each of them.
    if (settled === 0 || batch.failed > settled) break
  }
  if (Object.values(report).some((count) => count > 0)) deps.log.info('Relayed what was left behind', report)
  if (redriven) throw redriven.error
  return report
}

async function redriveUntil(deps: RelayDeps, report: RelayReport, endMs: number): Promise<void> {
  for (let more = true; more && deps.nowMs() < endMs; ) {
    const redrive = await deps.redrive()
    report.redriven += redrive.redriven
    report.jobsFailed += redrive.failed
    more = redrive.more
  }
}
