import { ruleRetrievalRulesRetrieveV1 } from '../../_contracts/events/rule-retrieval-rules-retrieve.v1.ts'
import { eventsOf } from '../../_lib/events/event-contract.ts'
import type { AnalysisCache } from '../analysis/cache/analysis-cache.redis.ts'
import { AnalysisFailedError } from '../analysis/lease/analysis-errors.ts'
import type { AnalysisRun } from '../analysis/lease/analysis-run.ts'
import { type AskModelDeps, askModel, type ModelCall } from '../analysis/model/ask-model.ts'
import type { FoundAnswer } from '../analysis/photo/look-up-photo.ts'
import { type RunStepDeps, runStep, type StepInput, type StepRun, traceOf } from '../analysis/steps/run-step.ts'
import { stepEventId } from '../analysis-step.ts'
import type { LeasedJob } from '../job/leased-job.ts'
import type spec from './function.ts'

const createEvent = eventsOf<typeof spec>('waste-identify-item')

export type IdentifyItemDeps = RunStepDeps &
  Omit<AskModelDeps, 'cache'> & {
    cache: Pick<AnalysisCache, 'findExact' | 'remember'>
    readPrepared: (job: LeasedJob) => Promise<Uint8Array | undefined>
  }

/** The second step: asks the model about a new photo. */
export function identifyItem(deps: IdentifyItemDeps, input: StepInput): Promise<StepRun> {
  const { jobId, event } = input
  return runStep(deps, 'identify_item', input, async (run) => {
    const { modelCall, ...found } = await findOut(deps, run)
    const reply = {
      id: stepEventId(jobId, 'retrieve_rules'),
      subject: jobId,
      time: deps.now(),
      traceparent: traceOf(event),
    }
    return {
      output: { found },
      nextStep: 'retrieve_rules',
      reply: createEvent(ruleRetrievalRulesRetrieveV1, reply, { job_id: jobId }),
      ...(modelCall && { modelCall }),
    }
  })
}

async function findOut(deps: IdentifyItemDeps, run: AnalysisRun): Promise<FoundAnswer & { modelCall?: ModelCall }> {
  const { job } = run
  const photo = await deps.outputs.find(job.jobId, 'prepare_photo')
  if (photo?.kind !== 'new') throw new Error(`The job "${job.jobId}" has no prepared photo to identify`)
  const { sha256, perceptualHash, thumbprint: colourGrid } = photo
  // A worker may have died after the call, and its answer is in the cache.
  const exact = await deps.cache.findExact(sha256)
  if (exact) return { answer: exact, answeredBy: 'exact_match' }
  const jpeg = await deps.readPrepared(job)
  if (!jpeg) throw new AnalysisFailedError('upload_missing', 'The prepared photo is gone')
  return askModel(deps, run, { sha256, fingerprint: { perceptualHash, colourGrid }, jpeg })
}
