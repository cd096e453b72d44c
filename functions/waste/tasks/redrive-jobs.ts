import type { JobSnapshot } from '../snapshot/job-snapshot.ts'

export type StalledJobs = {
  redriven: number
  /** Snapshots of the jobs that were ended. */
  failed: readonly JobSnapshot[]
  /** Whether the batch was full, so that more jobs may be stalled. */
  more: boolean
}

export type RedriveJobsDeps = {
  /** Publishes the commands of one batch of stalled jobs again, and ends jobs that may not be tried again. */
  redriveStalledJobs: () => Promise<StalledJobs>
  publishSnapshot: (snapshot: JobSnapshot) => Promise<void>
}

/**
 * Redrives or ends stalled jobs (no upload, dead worker, lost event), so that every accepted job ends. Safe to run
 * concurrently.
 */
export async function redriveJobs(deps: RedriveJobsDeps): Promise<{ redriven: number; failed: number; more: boolean }> {
  const { redriven, failed, more } = await deps.redriveStalledJobs()
  await Promise.all(failed.map(deps.publishSnapshot))
  return { redriven, failed: failed.length, more }
}
