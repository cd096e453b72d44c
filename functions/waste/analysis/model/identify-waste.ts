import type { LeasedJob } from '../../job/leased-job.ts'
import { AnalysisDelayedError, AnalysisFailedError, LeaseLostError } from '../lease/analysis-errors.ts'
import type { AnalysisRun } from '../lease/analysis-run.ts'
import type { Classification } from './classification.ts'
import type { ModelCalls, ModelUsage } from './model-calls.pg.ts'
import type { ClassifyPhoto, VisionOutcome } from './vision.openai.ts'

export type IdentifyWasteDeps = {
  modelCalls: ModelCalls
  classifyPhoto: ClassifyPhoto
  /** The pseudonym of a person towards the provider: stable, and used nowhere else. */
  safetyIdentifierOf: (ownerId: string) => string
  random: () => number
}

export type Identified = { classification: Classification; model: string; usage: ModelUsage | undefined }

/** Calls of the model for one job, over all deliveries. */
export const callsMax = 3
const unusableAnswersMax = 2
const backoffSeconds = [2, 8]
const backoffSecondsMax = 30
const rateLimitPauseSeconds = 5
// Without a pause one job could use up the budget of the minute.
const rateLimitPauseSecondsMin = 1
const rateLimitPauseSecondsMax = 60
const notPermittedPauseSeconds = 60

/** One call of the model within the shared budget. The transaction that saves the answer closes the ledger entry. */
export async function identifyWaste(
  deps: IdentifyWasteDeps,
  { job, signal }: Pick<AnalysisRun, 'job' | 'signal'>,
  jpeg: Uint8Array,
): Promise<Identified> {
  const permit = await deps.modelCalls.begin(job)
  if (permit.kind === 'lease_lost') throw new LeaseLostError('The lease was lost before the model was called')
  if (permit.kind === 'day_full') throw new AnalysisFailedError('budget_exhausted', 'The calls of the day are used up')
  if (permit.kind === 'calls_used_up') {
    throw new AnalysisFailedError('model_unavailable', `The ${callsMax} calls of the job are used up`)
  }
  if (permit.kind !== 'granted') {
    throw new AnalysisDelayedError(
      permit.delaySeconds + deps.random(),
      `The model may not be called now: ${permit.kind}`,
    )
  }
  const outcome = await deps.classifyPhoto({
    jpeg,
    callNo: permit.callNo,
    safetyIdentifier: deps.safetyIdentifierOf(job.ownerId),
    signal,
  })
  // Neither a failed call nor a refused one shows that the model answers.
  const isHeard = !['unavailable', 'rate_limited', 'not_permitted'].includes(outcome.kind)
  if (permit.isProbe && isHeard) await deps.modelCalls.recover()
  if (outcome.kind === 'answered') return outcome
  throw await concludeFailure(deps, job, outcome, permit.callNo)
}

type FailedOutcome = Exclude<VisionOutcome, { kind: 'answered' }>

async function concludeFailure(
  deps: IdentifyWasteDeps,
  job: LeasedJob,
  outcome: FailedOutcome,
  callNo: number,
): Promise<AnalysisFailedError | AnalysisDelayedError> {
  switch (outcome.kind) {
    case 'refused':
      await deps.modelCalls.end(job, outcome.kind, outcome.usage)
      return new AnalysisFailedError('photo_refused', 'The model refused the photo')
    case 'invalid_image':
      await deps.modelCalls.end(job, outcome.kind)
      return new AnalysisFailedError('invalid_image', 'The model could not read the photo')
    case 'truncated':
    case 'malformed':
      await deps.modelCalls.end(job, outcome.kind, outcome.usage)
      if (callNo >= unusableAnswersMax) {
        return new AnalysisFailedError('model_answer_unusable', `The answer of the model was ${outcome.kind} again`)
      }
      return new AnalysisDelayedError(0, `The answer of the model was ${outcome.kind}`)
    case 'rate_limited': {
      await deps.modelCalls.end(job, outcome.kind)
      const askedSeconds = outcome.retryAfterSeconds ?? rateLimitPauseSeconds
      const pauseSeconds = Math.min(Math.max(askedSeconds, rateLimitPauseSecondsMin), rateLimitPauseSecondsMax)
      await deps.modelCalls.pause(pauseSeconds, outcome.kind)
      return delay(deps, outcome.kind, pauseSeconds)
    }
    case 'not_permitted':
      await deps.modelCalls.end(job, outcome.kind)
      await deps.modelCalls.pause(notPermittedPauseSeconds, outcome.kind)
      return delay(deps, outcome.kind, notPermittedPauseSeconds)
    case 'unavailable':
      // During an outage of the model the failure does not count against the photo.
      if (!(await deps.modelCalls.endFailed(job, outcome.why))) {
        return delay(deps, outcome.why, Math.min(backoffSecondsMax, 2 ** Math.min(job.fencingToken, 10)))
      }
      if (callNo >= callsMax) {
        return new AnalysisFailedError('model_unavailable', `The model failed ${callNo} times: ${outcome.why}`)
      }
      return delay(deps, outcome.why, backoffSeconds[callNo - 1] ?? backoffSecondsMax)
  }
}

// A call that the provider refused costs nothing and does not count against the photo: only its age ends the job.
const delay = (deps: IdentifyWasteDeps, why: string, seconds: number) =>
  new AnalysisDelayedError(seconds * (1 + deps.random() / 4), `The model failed: ${why}`)
