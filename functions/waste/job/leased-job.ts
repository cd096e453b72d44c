import type { Locale } from '../../_lib/http/locale.ts'
import type { JobState } from './job.ts'

/** What a write of a worker is fenced by: the number of its lease, which each claim counts up. */
export type Lease = { jobId: string; fencingToken: number }

/** A job that this worker holds the lease of. A worker that has lost its lease changes nothing. */
export type LeasedJob = Lease & {
  ownerId: string
  state: JobState
  contentType: string
  contentLengthBytes: number
  objectKey: string
  locale: Locale
  location: { lat: number; lng: number } | null
}
