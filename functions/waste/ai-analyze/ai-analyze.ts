import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { type RunLeasedDeps, runLeased } from '../analysis/lease/run-leased.ts'
import type { LeasedJob } from '../job/leased-job.ts'
import { snapshotAt } from '../snapshot/job-snapshot.ts'
import type { AnsweredJob, AnswerJob } from './answer-job.ts'

export type AiAnalyzeDeps = RunLeasedDeps & {
  answerJob: AnswerJob
  /** Replaces the original by what was made from it. Runs after the person has the answer. */
  sanitizePhoto: (job: LeasedJob, answered: AnsweredJob) => Promise<void>
}

export type AiAnalyzeOutcome = 'completed' | 'failed' | 'delayed' | 'lease_lost' | 'not_needed'

/** Analyses the photo of one job under a lease. However often it is delivered, the job ends once. */
export async function aiAnalyze(
  deps: AiAnalyzeDeps,
  input: { jobId: string; event: JsonCloudEvent },
): Promise<AiAnalyzeOutcome> {
  const run = await runLeased(deps, input, (job, report, signal) => deps.answerJob(job, input.event, report, signal))
  if (run.outcome !== 'done') return run.outcome
  const { job, value: answered } = run
  await deps.publishSnapshot(
    snapshotAt({ ...job, state: 'completed' }, 'done', deps.now(), { result: answered.result }),
  )
  await deps
    .sanitizePhoto(job, answered)
    .catch((error: unknown) => deps.log.warn('A photo was left for the clean-up', { error, job_id: job.jobId }))
  return 'completed'
}
