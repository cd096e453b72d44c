import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import type { Stage } from '../../job/job.ts'
import type { LeasedJob } from '../../job/leased-job.ts'

/** One try of an analysis, or of one step of it, by the worker that holds the lease of the job. */
export type AnalysisRun = {
  /** With the fencing token of the lease. */
  job: LeasedJob
  /** The command that it carries out. */
  event: JsonCloudEvent
  /** Announces how far the job has come. Announces nothing once the run has ended. */
  report: (stage: Stage) => void
  /** Aborted with a `LeaseLostError` when the lease is known to be lost, or with an `AnalysisStuckError` at the deadline of the run. */
  signal: AbortSignal
}
