import type { JobState } from './job.ts'

export type Transition = {
  /** Null for a job that does not exist yet. */
  from: JobState | null
  to: JobState
  /** The statement that does it, of the folder `statements`. */
  by: string
}

/** Every way in which a job is written, and from which state to which. Nothing leads out of `completed` and `failed`. */
export const transitions: readonly Transition[] = [
  { from: null, to: 'created', by: 'openJob' },
  { from: 'created', to: 'queued', by: 'queueJob' },
  { from: 'created', to: 'failed', by: 'failJobs' },
  { from: 'queued', to: 'processing', by: 'claimJob' },
  { from: 'queued', to: 'queued', by: 'redriveJob' },
  { from: 'queued', to: 'failed', by: 'failJobs' },
  { from: 'processing', to: 'processing', by: 'claimJob' },
  { from: 'processing', to: 'processing', by: 'renewLease' },
  { from: 'processing', to: 'processing', by: 'enterStage' },
  { from: 'processing', to: 'processing', by: 'finishStep' },
  { from: 'processing', to: 'queued', by: 'releaseForRetry' },
  { from: 'processing', to: 'queued', by: 'redriveJob' },
  { from: 'processing', to: 'completed', by: 'completeJob' },
  { from: 'processing', to: 'failed', by: 'failJobs' },
]
