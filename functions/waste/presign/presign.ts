import { ProblemError } from '../../_lib/errors.ts'
import type { Locale } from '../../_lib/locale.ts'
import type { ImageContentType } from '../image-content-type.ts'

export type PresignInput = {
  ownerId: string
  contentType: ImageContentType
  contentLengthBytes: number
  sha256: string | undefined
  location: { lat: number; lng: number } | undefined
  locale: Locale
  traceparent: string
}

export type NewJob = PresignInput & { jobId: string; eventId: string; objectKey: string; uploadExpiresSeconds: number }

export type Admission =
  | { kind: 'admitted'; uploadExpiresAt: Date }
  | { kind: 'too_many_unfinished' }
  | { kind: 'model_paused'; retryAfterSeconds: number }

export type PresignDeps = {
  /** Writes the job, unless the person has too many unfinished ones or the model is paused. */
  insertJob: (job: NewJob) => Promise<Admission>
  signUpload: (upload: {
    key: string
    contentType: string
    contentLengthBytes: number
    sha256?: string
    expiresSeconds: number
  }) => Promise<{ url: string; headers: Record<string, string> }>
  createId: () => string
  uploadExpiresSeconds: number
}

export const unfinishedJobsMax = 5

export type PresignedUpload = {
  jobId: string
  uploadUrl: string
  uploadHeaders: Record<string, string>
  expiresAt: Date
}

/** Opens a job and signs the upload of exactly the photo that was declared. */
export async function presign(deps: PresignDeps, input: PresignInput): Promise<PresignedUpload> {
  const jobId = deps.createId()
  const job: NewJob = {
    ...input,
    jobId,
    eventId: deps.createId(),
    // The name is ours: nothing of the client's ends up in a key.
    objectKey: `uploads/${input.ownerId}/${jobId}`,
    uploadExpiresSeconds: deps.uploadExpiresSeconds,
  }
  // Before the job exists: signing asks for credentials, and a failure there must not cost the person a slot.
  const upload = await deps.signUpload({
    key: job.objectKey,
    contentType: input.contentType,
    contentLengthBytes: input.contentLengthBytes,
    ...(input.sha256 && { sha256: input.sha256 }),
    expiresSeconds: deps.uploadExpiresSeconds,
  })
  const admission = await deps.insertJob(job)
  if (admission.kind === 'too_many_unfinished') throw tooManyUnfinished()
  if (admission.kind === 'model_paused') throw modelPaused(admission.retryAfterSeconds)
  return { jobId, uploadUrl: upload.url, uploadHeaders: upload.headers, expiresAt: admission.uploadExpiresAt }
}

const tooManyUnfinished = () =>
  new ProblemError('rate_limited', {
    reason: 'too_many_unfinished_jobs',
    detail: {
      ko: `분석 중인 사진이 ${unfinishedJobsMax}장이에요. 끝난 뒤에 다시 시도해 주세요.`,
      en: `You have ${unfinishedJobsMax} photos in progress. Please wait for one to finish.`,
    },
    retryAfterSeconds: 5,
  })

const modelPaused = (retryAfterSeconds: number) =>
  new ProblemError('unavailable', {
    reason: 'analysis_paused',
    detail: {
      ko: '지금은 분석이 잠시 멈춰 있어요. 조금 뒤에 다시 시도해 주세요.',
      en: 'Analysis is paused for a moment. Please try again shortly.',
    },
    retryAfterSeconds: Math.max(1, retryAfterSeconds),
  })
