import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import { currentContext } from '../../../_lib/events/trace.ts'
import type { Stage } from '../../job/job.ts'
import type { LeasedJob } from '../../job/leased-job.ts'
import { LeaseLostError } from '../lease/analysis-errors.ts'
import { type RunLeasedDeps, runLeased } from '../lease/run-leased.ts'
import type { StepWithOutput } from './step-output.ts'
import type { FinishedStep, StepOutputs } from './step-outputs.pg.ts'

export type RunStepDeps = RunLeasedDeps & {
  outputs: StepOutputs
  /** Publishes a reply that nobody hears. */
  sendReply: (reply: JsonCloudEvent) => Promise<void>
}

export type StepInput = {
  jobId: string
  event: JsonCloudEvent
  /** Whether the broker has gone away since. */
  isAbandoned: () => boolean
}

export type StepRun = {
  outcome: 'finished' | 'failed' | 'delayed' | 'lease_lost' | 'not_needed'
  /** Orders the next step. Also for a step that had been finished before: its reply may have been lost. */
  reply?: JsonCloudEvent | undefined
}

export type StepWork<Step extends StepWithOutput> = (
  job: LeasedJob,
  report: (stage: Stage) => void,
  signal: AbortSignal,
) => Promise<FinishedStep<Step>>

/** Does one step of a job under a lease, once, and gives every delivery of its event the same reply. */
export async function runStep<Step extends StepWithOutput>(
  deps: RunStepDeps,
  step: Step,
  { jobId, event, isAbandoned }: StepInput,
  work: StepWork<Step>,
): Promise<StepRun> {
  const run = await runLeased(deps, { jobId, event }, async (job, report, signal) => {
    const finished = await work(job, report, signal)
    if (!(await deps.outputs.finish(job, event, step, finished))) {
      throw new LeaseLostError('The lease was lost before the step was finished')
    }
    return finished.reply
  })
  if (run.outcome === 'not_needed') {
    return { outcome: 'not_needed', reply: await deps.outputs.findReply(jobId, step) }
  }
  if (run.outcome !== 'done') return { outcome: run.outcome }
  const reply = run.value
  // The next delivery may have come while this one worked, and then comes no more; the redriver would take its minute.
  if (isAbandoned()) {
    await deps
      .sendReply(reply)
      .catch((error: unknown) => deps.log.warn('A reply was left to the redriver', { error, job_id: jobId }))
  }
  return { outcome: 'finished', reply }
}

/** The trace that an order of the next step continues. */
export const traceOf = (event: JsonCloudEvent): string =>
  event.extensions.traceparent ?? currentContext()?.traceparent ?? ''
