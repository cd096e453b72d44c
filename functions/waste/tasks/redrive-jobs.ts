import type { JobSnapshot } from '../snapshot/job-snapshot.ts'

export type StalledJobs = {
  redriven: number
  /** Jobs that had their chances, as they ended. */
  failed: readonly JobSnapshot[]
  /** Whether there may be more than one batch holds. */
  more: boolean
}

export type RedriveJobsDeps = {
  /** Has the events of one batch of quiet jobs sent again, and ends those that had their chances. */
  redriveStalledJobs: () => Promise<StalledJobs>
  publishSnapshot: (snapshot: JobSnapshot) => Promise<void>
}

/**
 * Finds jobs that have gone quiet (an upload that never came, a worker that died, an event that was lost), so that no
 * accepted job is left without an end. Any number may run at once.
 */
export async function redriveJobs(deps: RedriveJobsDeps): Promise<{ redriven: number; failed: number; more: boolean }> {
  const { redriven, failed, more } = await deps.redriveStalledJobs()
  await Promise.all(failed.map(deps.publishSnapshot))
  return { redriven, failed: failed.length, more }
}
