import type { Locale } from '../../_lib/http/locale.ts'
import type { ImageContentType } from '../image-content-type.ts'

/** The fields of a job at its opening, before the upload. */
export type NewJob = {
  jobId: string
  ownerId: string
  contentType: ImageContentType
  contentLengthBytes: number
  sha256: string | undefined
  location: { lat: number; lng: number } | undefined
  locale: Locale
  traceparent: string
  eventId: string
  objectKey: string
  uploadExpiresSeconds: number
  /** Without both, only an earlier job with the same key is found. */
  mayOpenFirst: boolean
  mayOpenFurther: boolean
}

/** What a person may still open on this day of Asia/Seoul. */
export type DayQuota = { left: number; endsInSeconds: number }

export type Admission =
  | { kind: 'admitted'; uploadExpiresAt: Date; day: DayQuota }
  /** The key was used before, for the same photo, and the job still waits for it. */
  | { kind: 'repeated'; uploadExpiresAt: Date; uploadExpiresSeconds: number }
  /** The key was used before, for another photo, or its job no longer waits for one. */
  | { kind: 'key_used'; reason: 'idempotency_key_reused' | 'job_not_waiting' }
  | { kind: 'too_many_unfinished' }
  | { kind: 'day_used_up'; day: DayQuota }
  | { kind: 'too_many_waiting' }
  | { kind: 'model_paused'; retryAfterSeconds: number }
