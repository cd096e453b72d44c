import type { Locale } from '../../_lib/http/locale.ts'
import type { JobState } from './job.ts'

/** The fencing token of a lease: each claim increments it, and a write under an older one changes nothing. */
export type Lease = { jobId: string; fencingToken: number }

/** A job that this worker has leased. */
export type LeasedJob = Lease & {
  ownerId: string
  state: JobState
  contentType: string
  contentLengthBytes: number
  objectKey: string
  locale: Locale
  location: { lat: number; lng: number } | null
}
