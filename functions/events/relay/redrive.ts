import type { Logger } from '../../_lib/process/log.ts'

export type RedriveBatch = {
  redriven: number
  /** Work that used up its attempts and was ended as failed. */
  failed: number
  /** Whether there may be more work than one batch holds. */
  more: boolean
}

export type RedriveReport = Omit<RedriveBatch, 'more'>

export type RedriveDeps = {
  /** By kind of work: writes the commands of one batch of stalled work into the outbox again. */
  redriveBatch: Readonly<Record<string, () => Promise<RedriveBatch>>>
  log: Logger
  nowMs: () => number
  runMsMax: number
}

/**
 * Redrives each kind of work until nothing of it is stalled or `runMsMax` is over. A kind that fails does not stop the others;
 * the run fails after all of them.
 *
 * @throws AggregateError of the errors of the kinds.
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
      deps.log.error('Stalled work could not be redriven', { error, kind })
      errors.push(error)
    }
  }
  if (report.redriven + report.failed > 0) deps.log.info('Redrove stalled work', report)
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} kinds of work could not be redriven`)
  return report
}
