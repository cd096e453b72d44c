import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import { currentContext } from '../../../_lib/events/trace.ts'
import { LeaseLostError } from '../lease/analysis-errors.ts'
import type { AnalysisRun } from '../lease/analysis-run.ts'
import { type RunLeasedDeps, runLeased } from '../lease/run-leased.ts'
import type { StepWithOutput } from './step-output.ts'
import type { FinishedStep, StepOutputs } from './step-outputs.pg.ts'

export type RunStepDeps = RunLeasedDeps & {
  outputs: StepOutputs
  /** Publishes a reply whose dispatcher no longer waits. */
  sendReply: (reply: JsonCloudEvent) => Promise<void>
}

export type StepInput = {
  jobId: string
  event: JsonCloudEvent
  /** Whether the dispatcher has closed the connection. */
  isAbandoned: () => boolean
}

export type StepRun = {
  outcome: 'finished' | 'failed' | 'delayed' | 'lease_lost' | 'not_needed'
  /** The command of the next step. Also for a step that had finished before, since its reply may have been lost. */
  reply?: JsonCloudEvent | undefined
}

/** Runs one step of a job once, under a lease, and gives every delivery of its event the same reply. */
export async function runStep<Step extends StepWithOutput>(
  deps: RunStepDeps,
  step: Step,
  { jobId, event, isAbandoned }: StepInput,
  work: (run: AnalysisRun) => Promise<FinishedStep<Step>>,
): Promise<StepRun> {
  const ended = await runLeased(deps, { jobId, event }, async (run) => {
    const finished = await work(run)
    if (!(await deps.outputs.finish(run, step, finished))) {
      throw new LeaseLostError('The lease was lost before the step was finished')
    }
    return finished.reply
  })
  if (ended.outcome === 'not_needed') {
    return { outcome: 'not_needed', reply: await deps.outputs.findReply(jobId, step) }
  }
  if (ended.outcome !== 'done') return { outcome: ended.outcome }
  const reply = ended.value
  // The next delivery may have been acknowledged while this one worked; the redriver would need a minute.
  if (isAbandoned()) {
    await deps
      .sendReply(reply)
      .catch((error: unknown) => deps.log.warn('A reply was left to the redriver', { error, job_id: jobId }))
  }
  return { outcome: 'finished', reply }
}

/** The trace that the command of the next step continues. */
export const traceOf = (event: JsonCloudEvent): string =>
  event.extensions.traceparent ?? currentContext()?.traceparent ?? ''
