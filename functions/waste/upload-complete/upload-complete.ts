import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { notFound, ProblemError, type Text } from '../../_lib/http/errors.ts'
import { createAnalysisCommand } from '../analysis-command.ts'
import type { AnalysisVariant } from '../analysis-step.ts'
import { type FailureReason, failureReasons } from '../job/failure-reasons.ts'
import type { JobState } from '../job/job.ts'
import { type JobSnapshot, snapshotAt } from '../snapshot/job-snapshot.ts'
import { SNIFF_BYTES, sniffImageType } from '../sniff-image-type.ts'

export type UploadedJob = {
  jobId: string
  ownerId: string
  state: JobState
  failureReason: FailureReason | null
  contentType: string
  contentLengthBytes: number
  objectKey: string
  eventId: string
}

export type UploadCompleteDeps = {
  findJob: (jobId: string, ownerId: string) => Promise<UploadedJob | undefined>
  readStart: (
    key: string,
    bytes: number,
  ) => Promise<{ sizeBytes: number; contentType: string | undefined; start: Uint8Array } | undefined>
  variant: AnalysisVariant
  /**
   * Queues the job and appends its command to the outbox, in one transaction. `held` without a command when the queue is
   * full: the redriver publishes it later. Undefined when the job no longer waits for its photo.
   */
  queueJob: (jobId: string, event: JsonCloudEvent, variant: AnalysisVariant) => Promise<'appended' | 'held' | undefined>
  /** Publishes committed events at once; the relay publishes those that fail. */
  flush: (events: readonly JsonCloudEvent[]) => Promise<void>
  publishSnapshot: (snapshot: JobSnapshot) => Promise<void>
  now: () => Date
}

export type UploadCompleteInput = { jobId: string; ownerId: string; traceparent: string }

/** Checks the uploaded photo and queues its analysis. Idempotent. */
export async function uploadComplete(
  deps: UploadCompleteDeps,
  input: UploadCompleteInput,
): Promise<{ state: JobState }> {
  const job = await deps.findJob(input.jobId, input.ownerId)
  if (!job) throw notFound()
  if (job.state === 'failed') throw alreadyFailed(job.failureReason ?? 'analysis_stalled')
  if (job.state !== 'created') return { state: job.state }

  const object = await deps.readStart(job.objectKey, SNIFF_BYTES)
  if (!object) throw uploadConflict('upload_missing')
  if (object.sizeBytes !== job.contentLengthBytes) throw uploadConflict('upload_size_mismatch')
  if (object.contentType !== job.contentType) throw uploadConflict('upload_type_mismatch')
  if (!provesType(object.start, job.contentType)) throw uploadConflict('upload_not_an_image')

  const { variant } = deps
  const { jobId, eventId } = job
  const event = createAnalysisCommand({ variant, jobId, eventId, time: deps.now(), traceparent: input.traceparent })
  const queued = await deps.queueJob(jobId, event, variant)
  if (!queued) return overtaken(deps, input)
  // Before the command is published, so that it cannot overwrite the progress of the worker.
  await deps.publishSnapshot(snapshotAt({ ...job, state: 'queued' }, 'queued', deps.now()))
  if (queued === 'appended') await deps.flush([event])
  return { state: 'queued' }
}

/** Another request queued the job meanwhile, or its time to upload ran out. */
async function overtaken(deps: UploadCompleteDeps, input: UploadCompleteInput): Promise<{ state: JobState }> {
  const job = await deps.findJob(input.jobId, input.ownerId)
  if (!job) throw notFound()
  if (job.state === 'failed') throw alreadyFailed(job.failureReason ?? 'analysis_stalled')
  return { state: job.state }
}

function provesType(start: Uint8Array, contentType: string): boolean {
  const proven = sniffImageType(start)
  // HEIC and HEIF are one container; only decoding shows the codec.
  return proven === contentType || (contentType === 'image/heic' && proven === 'image/heif')
}

const conflicts = {
  upload_missing: { ko: '사진이 아직 올라오지 않았어요.', en: 'The photo has not been uploaded yet.' },
  upload_size_mismatch: {
    ko: '사진 크기가 알려 준 것과 달라요.',
    en: 'The photo is not of the size that was declared.',
  },
  upload_type_mismatch: {
    ko: '사진 형식이 알려 준 것과 달라요.',
    en: 'The photo is not of the type that was declared.',
  },
  upload_not_an_image: {
    ko: '올라온 파일이 사진이 아니에요.',
    en: 'The uploaded file is not a photo of the declared type.',
  },
} as const satisfies Record<string, Text>

const uploadConflict = (reason: keyof typeof conflicts) =>
  new ProblemError('conflict', { reason, detail: conflicts[reason] })

const alreadyFailed = (reason: FailureReason) =>
  new ProblemError('conflict', { reason, detail: failureReasons[reason] })
