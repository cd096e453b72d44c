import type { FailureReason } from '../../job/failure-reasons.ts'

/** The analysis can never succeed. Ends the job with a reason that is shown to the person. */
export class AnalysisFailedError extends Error {
  override name = 'AnalysisFailedError'
  readonly reason: FailureReason

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** The analysis may succeed later. Releases the job for a retry; its command is published again after the delay. */
export class AnalysisDelayedError extends Error {
  override name = 'AnalysisDelayedError'
  readonly delaySeconds: number

  constructor(delaySeconds: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.delaySeconds = delaySeconds
  }
}

/** The analysis took longer than it may. The job is released for a retry, as a failed try. */
export class AnalysisStuckError extends AnalysisDelayedError {
  override name = 'AnalysisStuckError'
}

/** Another worker has leased the job, or it was deleted. This worker must stop and write nothing. */
export class LeaseLostError extends Error {
  override name = 'LeaseLostError'
}
