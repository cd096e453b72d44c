import type { Locale } from '../../_lib/http/locale.ts'
import type { AnalysisResult } from '../analysis-result.ts'
import type { FailureReason } from '../job/failure-reasons.ts'
import { describeJob, isFinished, type JobState, type Stage, stages } from '../job/job.ts'

/** The state of a job at one moment, which Redis stores, subscribers receive, and a status shows. */
export type JobSnapshot = {
  jobId: string
  ownerId: string
  state: JobState
  stage: Stage
  /** Per cent; -1 for a failed job. */
  progress: number
  failureReason: FailureReason | null
  /** RFC 3339, UTC. */
  updatedAt: string
  result: AnalysisResult | null
}

export function snapshotAt(
  job: Pick<JobSnapshot, 'jobId' | 'ownerId' | 'state'>,
  stage: Stage,
  now: Date,
  end: { failureReason?: FailureReason; result?: AnalysisResult } = {},
): JobSnapshot {
  return {
    jobId: job.jobId,
    ownerId: job.ownerId,
    state: job.state,
    stage,
    progress: stages[stage].progress,
    failureReason: end.failureReason ?? null,
    updatedAt: now.toISOString(),
    result: end.result ?? null,
  }
}

/** The body of `GET /waste/status/{job_id}` and of each event of the progress stream. */
export function renderStatus(snapshot: JobSnapshot, locale: Locale) {
  return {
    job_id: snapshot.jobId,
    status: snapshot.state,
    progress: snapshot.progress,
    message: describeJob(snapshot.stage, snapshot.failureReason, locale),
    stage: snapshot.stage,
    reason: snapshot.failureReason,
    updated_at: snapshot.updatedAt,
    result: snapshot.result,
  }
}

export const isFinal = (snapshot: JobSnapshot): boolean => isFinished(snapshot.state)
