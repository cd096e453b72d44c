import type { Logger } from '../../_lib/process/log.ts'

export type RedriveBatch = {
  redriven: number
  /** Work that had its chances, and was ended. */
  failed: number
  /** Whether there may be more than one batch holds. */
  more: boolean
}

export type RedriveReport = Omit<RedriveBatch, 'more'>

export type RedriveDeps = {
  /** By kind of work: has the orders of a batch that has gone quiet written into the outbox again. */
  redriveBatch: Readonly<Record<string, () => Promise<RedriveBatch>>>
  log: Logger
  nowMs: () => number
  runMsMax: number
}

/**
 * Redrives each kind of work until nothing of it is quiet, or the time is up. A kind that fails keeps no other from its turn;
 * the run fails afterwards.
 *
 * @throws AggregateError of what the kinds failed with.
 */
export async function redrive(deps: RedriveDeps): Promise<RedriveReport> {
  const report: RedriveReport = { redriven: 0, failed: 0 }
  const endMs = deps.nowMs() + deps.runMsMax
  const errors: unknown[] = []
  for (const [kind, redriveBatch] of Object.entries(deps.redriveBatch)) {
    try {
      for (let more = true; more && deps.nowMs() < endMs; ) {
        const batch = await redriveBatch()
        report.redriven += batch.redriven
        report.failed += batch.failed
        more = batch.more
      }
    } catch (error) {
      deps.log.error('Quiet work could not be redriven', { error, kind })
      errors.push(error)
    }
  }
  if (report.redriven + report.failed > 0) deps.log.info('Redrove what had gone quiet', report)
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} kinds of work could not be redriven`)
  return report
}
