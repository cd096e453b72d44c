import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import type { AnalysisRun } from '../analysis/lease/analysis-run.ts'
import { type RunLeasedDeps, runLeased } from '../analysis/lease/run-leased.ts'
import type { LeasedJob } from '../job/leased-job.ts'
import { snapshotAt } from '../snapshot/job-snapshot.ts'
import type { AnsweredJob } from './answer-job.ts'

export type AiAnalyzeDeps = RunLeasedDeps & {
  answerJob: (run: AnalysisRun) => Promise<AnsweredJob>
  /** Replaces the upload by the prepared picture. Runs after the answer is published. */
  sanitizePhoto: (job: LeasedJob, answered: AnsweredJob) => Promise<void>
}

export type AiAnalyzeOutcome = 'completed' | 'failed' | 'delayed' | 'lease_lost' | 'not_needed'

/** Analyses the photo of one job under a lease. The job ends once, even when the command is delivered several times. */
export async function aiAnalyze(
  deps: AiAnalyzeDeps,
  input: { jobId: string; event: JsonCloudEvent },
): Promise<AiAnalyzeOutcome> {
  const ended = await runLeased(deps, input, deps.answerJob)
  if (ended.outcome !== 'done') return ended.outcome
  const { job, value: answered } = ended
  await deps.publishSnapshot(
    snapshotAt({ ...job, state: 'completed' }, 'done', deps.now(), { result: answered.result }),
  )
  await deps
    .sanitizePhoto(job, answered)
    .catch((error: unknown) => deps.log.warn('A photo was left for the clean-up', { error, job_id: job.jobId }))
  return 'completed'
}
