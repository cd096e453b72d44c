import { notFound } from '../../_lib/http/errors.ts'
import type { FindSnapshot } from '../snapshot/find-snapshot.pg.ts'
import type { JobSnapshot } from '../snapshot/job-snapshot.ts'

export type StatusDeps = {
  /** The copy in Redis; undefined when there is none or Redis is unavailable. */
  findCopy: (jobId: string) => Promise<JobSnapshot | undefined>
  findSnapshot: FindSnapshot
  keepCopy: (snapshot: JobSnapshot) => Promise<void>
}

export type StatusInput = { jobId: string; ownerId: string }

/** One read of Redis; PostgreSQL only when there is no copy. The job of another person is the same 404 as an unknown one. */
export async function status(deps: StatusDeps, input: StatusInput): Promise<JobSnapshot> {
  const copy = await deps.findCopy(input.jobId)
  if (copy) {
    if (copy.ownerId !== input.ownerId) throw notFound()
    return copy
  }
  const snapshot = await deps.findSnapshot(input.jobId, input.ownerId)
  if (!snapshot) throw notFound()
  await deps.keepCopy(snapshot)
  return snapshot
}
