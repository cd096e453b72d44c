import { ProblemError, type ProblemOptions } from '../../_lib/http/errors.ts'
import { createUuidV5 } from '../../_lib/http/uuid.ts'
import type { Admission, DayQuota, NewJob } from '../job/new-job.ts'
import { type AdmissionDecision, tooManyWaiting } from './admission.ts'

export type PresignInput = Pick<
  NewJob,
  'ownerId' | 'contentType' | 'contentLengthBytes' | 'sha256' | 'location' | 'locale' | 'traceparent'
> & {
  /** A client that lost the response repeats it, and gets the same job. */
  idempotencyKey?: string | undefined
}

export type PresignDeps = {
  /** Decides whether a first and a further job of a person could end in time. */
  admit: () => Promise<AdmissionDecision>
  /** Writes the job, unless the person has too many unfinished ones or none left today, or the model is paused. */
  openJob: (job: NewJob) => Promise<Admission>
  signUpload: (upload: {
    key: string
    contentType: string
    contentLengthBytes: number
    sha256?: string
    expiresSeconds: number
  }) => Promise<{ url: string; headers: Record<string, string> }>
  createId: () => string
  uploadExpiresSeconds: number
  analysesPerDayMax: number
  /** When the insert finds more jobs waiting than the count before it. */
  crowdedRetryAfterSeconds: number
}

export const unfinishedJobsMax = 5

export type PresignedUpload = {
  jobId: string
  uploadUrl: string
  uploadHeaders: Record<string, string>
  expiresAt: Date
  /** Headers with the remaining quota of the day; none for a repeated job. */
  quotaHeaders: Record<string, string>
}

/** Opens a job and signs the upload of exactly the photo that was declared. */
export async function presign(deps: PresignDeps, input: PresignInput): Promise<PresignedUpload> {
  const { idempotencyKey, ...asked } = input
  const decision = await deps.admit()
  if (decision.firstSeconds > 0 && idempotencyKey === undefined) throw tooManyWaiting(decision.firstSeconds)
  // In the namespace of the person, so that keys of different people never collide.
  const jobId = idempotencyKey === undefined ? deps.createId() : createUuidV5(input.ownerId, idempotencyKey)
  const job: NewJob = {
    ...asked,
    jobId,
    eventId: deps.createId(),
    // The server chooses the key: it contains nothing from the client.
    objectKey: `uploads/${input.ownerId}/${jobId}`,
    uploadExpiresSeconds: deps.uploadExpiresSeconds,
    mayOpenFirst: decision.firstSeconds === 0,
    mayOpenFurther: decision.furtherSeconds === 0,
  }
  // Before the job exists: signing needs credentials, and its failure must not cost the person a slot.
  const sign = (expiresSeconds: number) =>
    deps.signUpload({
      key: job.objectKey,
      contentType: input.contentType,
      contentLengthBytes: input.contentLengthBytes,
      ...(input.sha256 && { sha256: input.sha256 }),
      expiresSeconds,
    })
  const upload = await sign(deps.uploadExpiresSeconds)
  const admission = await deps.openJob(job)
  if (admission.kind !== 'admitted') decision.release()
  if (admission.kind === 'too_many_unfinished') throw tooManyUnfinished()
  if (admission.kind === 'day_used_up') throw dayUsedUp(deps.analysesPerDayMax, admission.day)
  if (admission.kind === 'too_many_waiting')
    throw tooManyWaiting(decision.furtherSeconds || deps.crowdedRetryAfterSeconds)
  if (admission.kind === 'model_paused') throw modelPaused(admission.retryAfterSeconds)
  if (admission.kind === 'key_used') throw new ProblemError('conflict', keyConflicts[admission.reason])
  // Signed again, since no URL may outlive the upload time of the job.
  const { url, headers } = admission.kind === 'repeated' ? await sign(admission.uploadExpiresSeconds) : upload
  const quotaHeaders = admission.kind === 'admitted' ? quotaHeadersOf(deps.analysesPerDayMax, admission.day) : {}
  return { jobId, uploadUrl: url, uploadHeaders: headers, expiresAt: admission.uploadExpiresAt, quotaHeaders }
}

const keyConflicts = {
  idempotency_key_reused: {
    reason: 'idempotency_key_reused',
    detail: {
      ko: '같은 Idempotency-Key로 다른 사진을 보낼 수 없어요.',
      en: 'This Idempotency-Key was used for another photo.',
    },
  },
  job_not_waiting: {
    reason: 'job_not_waiting',
    detail: {
      ko: '이 Idempotency-Key로 시작한 분석은 더 이상 사진을 기다리지 않아요.',
      en: 'The analysis that was opened with this Idempotency-Key no longer waits for its photo.',
    },
  },
} as const satisfies Record<string, ProblemOptions>

const tooManyUnfinished = () =>
  new ProblemError('rate_limited', {
    reason: 'too_many_unfinished_jobs',
    detail: {
      ko: `분석 중인 사진이 ${unfinishedJobsMax}장이에요. 끝난 뒤에 다시 시도해 주세요.`,
      en: `You have ${unfinishedJobsMax} photos in progress. Please wait for one to finish.`,
    },
    retryAfterSeconds: 5,
  })

const dayUsedUp = (perDayMax: number, day: DayQuota) =>
  new ProblemError('rate_limited', {
    reason: 'day_used_up',
    detail: {
      ko: '오늘 할 수 있는 분석을 모두 썼어요. 내일 다시 시도해 주세요.',
      en: 'You have used up your analyses for today. Please try again tomorrow.',
    },
    retryAfterSeconds: day.endsInSeconds,
    headers: quotaHeadersOf(perDayMax, { ...day, left: 0 }),
  })

const quotaHeadersOf = (perDayMax: number, { left, endsInSeconds }: DayQuota) => ({
  'ratelimit-policy': `"waste-presign-day";q=${perDayMax};w=86400`,
  ratelimit: `"waste-presign-day";r=${left};t=${endsInSeconds}`,
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
