import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import type { Stage } from '../../job/job.ts'
import type { LeasedJob } from '../../job/leased-job.ts'

/** One run of an analysis, or of one step, under the lease of the job. */
export type AnalysisRun = {
  /** With the fencing token of the lease. */
  job: LeasedJob
  /** The command of the run. */
  event: JsonCloudEvent
  /** Publishes the stage of the job; does nothing once the run has ended. */
  report: (stage: Stage) => void
  /**
   * Aborted with a `LeaseLostError` when the lease is known to be lost, or with an `AnalysisStuckError` at the deadline of
   * the run.
   */
  signal: AbortSignal
}
