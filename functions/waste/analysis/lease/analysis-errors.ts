import type { FailureReason } from '../../job/failure-reasons.ts'

/** The analysis can never succeed. Ends the job with a reason that the person reads. */
export class AnalysisFailedError extends Error {
  override name = 'AnalysisFailedError'
  readonly reason: FailureReason

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** The analysis may succeed later. Gives the job back; the event is sent again after the delay. */
export class AnalysisDelayedError extends Error {
  override name = 'AnalysisDelayedError'
  readonly delaySeconds: number

  constructor(delaySeconds: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.delaySeconds = delaySeconds
  }
}

/** The analysis took longer than it may. It is tried again, and this try counts against the job. */
export class AnalysisStuckError extends AnalysisDelayedError {
  override name = 'AnalysisStuckError'
}

/** Another worker has taken the job over, or its owner is gone. This one must stop and leave no trace. */
export class LeaseLostError extends Error {
  override name = 'LeaseLostError'
}
