import type { FindNearbyBins } from '../analysis/answer/nearby-bins.pg.ts'
import type { SaveResult } from '../analysis/answer/save-result.pg.ts'
import { writeAnswer } from '../analysis/answer/write-answer.ts'
import { LeaseLostError } from '../analysis/lease/analysis-errors.ts'
import { runLeased } from '../analysis/lease/run-leased.ts'
import type { FoundAnswer } from '../analysis/photo/look-up-photo.ts'
import type { RunStepDeps, StepInput } from '../analysis/steps/run-step.ts'
import type { StepOutput } from '../analysis/steps/step-output.ts'
import type { LeasedJob } from '../job/leased-job.ts'
import { snapshotAt } from '../snapshot/job-snapshot.ts'

/** The photo of an answered job, as `sanitizeUpload` needs it. */
export type AnsweredUpload = { sha256: string; isPrepared: boolean }

export type ComposeAnswerDeps = Omit<RunStepDeps, 'sendReply'> & {
  findNearbyBins: FindNearbyBins
  saveResult: SaveResult
  /** Replaces the upload by the prepared picture. Runs after the answer is published. */
  sanitizeUpload: (job: LeasedJob, upload: AnsweredUpload) => Promise<void>
}

export type ComposeAnswerOutcome = 'completed' | 'failed' | 'delayed' | 'lease_lost' | 'not_needed'

/** The last step: writes the answer and ends the job with it, once. */
export async function composeAnswer(
  deps: ComposeAnswerDeps,
  { jobId, event }: Omit<StepInput, 'isAbandoned'>,
): Promise<{ outcome: ComposeAnswerOutcome }> {
  const ended = await runLeased(deps, { jobId, event }, async (run) => {
    run.report('feedback')
    const { found, rules, upload } = await readFindings(deps, jobId)
    const written = await writeAnswer(deps, run, found, rules)
    const { sha256: imageSha256 } = upload
    const result = await deps.saveResult(run, { ...written, imageSha256, modelCall: undefined })
    if (!result) throw new LeaseLostError('The lease was lost before the result was saved')
    return { result, upload }
  })
  if (ended.outcome !== 'done') return { outcome: ended.outcome }
  const { job } = ended
  const { result, upload } = ended.value
  await deps.publishSnapshot(snapshotAt({ ...job, state: 'completed' }, 'done', deps.now(), { result }))
  await deps
    .sanitizeUpload(job, upload)
    .catch((error: unknown) => deps.log.warn('A photo was left for the clean-up', { error, job_id: jobId }))
  return { outcome: 'completed' }
}

type Findings = { found: FoundAnswer; rules: StepOutput<'retrieve_rules'>['rules']; upload: AnsweredUpload }

/** The outputs of the earlier steps: of the first for a known photo, of all three for a new one. */
async function readFindings({ outputs }: ComposeAnswerDeps, jobId: string): Promise<Findings> {
  const photo = await outputs.find(jobId, 'prepare_photo')
  if (photo?.kind === 'known') {
    const { found, rules, sha256, prepared } = photo
    return { found, rules, upload: { sha256, isPrepared: prepared } }
  }
  const identified = await outputs.find(jobId, 'identify_item')
  const retrieved = await outputs.find(jobId, 'retrieve_rules')
  if (!photo || !identified || !retrieved) throw new Error(`The job "${jobId}" lacks what its steps have found`)
  const { sha256 } = photo
  return { found: identified.found, rules: retrieved.rules, upload: { sha256, isPrepared: true } }
}
