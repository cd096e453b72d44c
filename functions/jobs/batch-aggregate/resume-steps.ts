import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import type { Logger } from '../../_lib/process/log.ts'
import type { Metrics } from '../../_lib/process/metrics.ts'
import type { BatchPeriods } from '../../events/tasks/batch-periods.pg.ts'

export type ResumeStepsDeps = { resume: BatchPeriods['resume']; log: Logger; metrics: Pick<Metrics, 'count'> }

/** Publishes the commands of stalled steps again, and logs and counts the periods that were given up. */
export async function resumeSteps(deps: ResumeStepsDeps, event: JsonCloudEvent): Promise<void> {
  const { resumed, givenUp } = await deps.resume(event)
  if (resumed > 0) {
    deps.metrics.count('batch_resumes_total', { outcome: 'resumed' }, resumed)
    deps.log.warn('Stalled batch work was resumed', { steps: resumed })
  }
  if (givenUp > 0) {
    deps.metrics.count('batch_resumes_total', { outcome: 'given_up' }, givenUp)
    deps.log.error('Batch work made no progress for an hour and failed', { periods: givenUp })
  }
}
