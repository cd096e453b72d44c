import { gpt5AnalysisItemIdentifyV1 } from '../../_contracts/events/gpt5-analysis-item-identify.v1.ts'
import { responseGenerationAnswerComposeV1 } from '../../_contracts/events/response-generation-answer-compose.v1.ts'
import { eventsOf } from '../../_lib/events/event-contract.ts'
import { findRules, type ReadRules } from '../analysis/answer/find-rules.ts'
import { type LookUpPhotoDeps, lookUpPhoto } from '../analysis/photo/look-up-photo.ts'
import { type RunStepDeps, runStep, type StepInput, type StepRun, traceOf } from '../analysis/steps/run-step.ts'
import { stepEventId } from '../analysis-step.ts'
import type { LeasedJob } from '../job/leased-job.ts'
import type spec from './function.ts'

const createEvent = eventsOf<typeof spec>('waste-prepare-photo')

export type PreparePhotoDeps = RunStepDeps &
  LookUpPhotoDeps & {
    readRules: ReadRules
    /** Keeps the prepared picture for later steps. */
    keepPrepared: (job: LeasedJob, jpeg: Uint8Array) => Promise<void>
  }

/** The first step: sends a known photo with its rules to the last step, and a new one to the model. */
export async function preparePhoto(deps: PreparePhotoDeps, input: StepInput): Promise<StepRun> {
  const { jobId, event } = input
  const header = { subject: jobId, traceparent: traceOf(event) }
  let kept: LeasedJob | undefined
  const ended = await runStep(deps, 'prepare_photo', input, async (run) => {
    const lookup = await lookUpPhoto(deps, run)
    const { sha256, prepared } = lookup.photo
    if (prepared) {
      kept = run.job
      await deps.keepPrepared(run.job, prepared.jpeg)
    }
    if (lookup.kind === 'new') {
      const { perceptualHash, colourGrid: thumbprint } = lookup.photo.prepared
      const reply = { ...header, id: stepEventId(jobId, 'identify_item'), time: deps.now() }
      return {
        output: { kind: 'new', sha256, perceptualHash, thumbprint },
        nextStep: 'identify_item',
        reply: createEvent(gpt5AnalysisItemIdentifyV1, reply, { job_id: jobId }),
      }
    }
    const { answer, answeredBy } = lookup
    const rules = await findRules(deps.readRules, answer.classification)
    const reply = { ...header, id: stepEventId(jobId, 'compose_answer'), time: deps.now() }
    return {
      output: { kind: 'known', sha256, prepared: prepared !== undefined, found: { answer, answeredBy }, rules },
      nextStep: 'compose_answer',
      reply: createEvent(responseGenerationAnswerComposeV1, reply, { job_id: jobId }),
    }
  })
  // The account may have been deleted meanwhile, and its picture must not stay; a worker that took over still needs it.
  if (kept && ended.outcome === 'lease_lost' && !(await deps.outputs.isUnfinished(jobId))) await deps.removePhoto(kept)
  return ended
}
