import * as z from 'zod'
import { analysisResultExample, analysisResultSchema } from '../analysis-result.openapi.ts'
import { type FailureReason, failureReasons } from '../job/failure-reasons.ts'
import { type JobState, type Stage, stages } from '../job/job.ts'
import type { renderStatus } from './job-snapshot.ts'

export const jobIdExample = '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d'

export const jobIdParameter = {
  description: 'Id of the job. One that is malformed, unknown or of somebody else gets the same 404.',
  schema: z.uuid(),
  example: jobIdExample,
}

export const failureReasonNames = Object.keys(failureReasons) as FailureReason[]

export const jobStates = [
  'created',
  'queued',
  'processing',
  'completed',
  'failed',
] as const satisfies readonly JobState[]

/** The body of a status, and of each event of the progress stream. */
export const jobStatusSchema = z
  .strictObject({
    job_id: z.uuid().describe('Id of the job.'),
    status: z.enum(jobStates).describe('`completed` and `failed` are final.'),
    progress: z.int().min(-1).max(100).describe('Per cent at the beginning of the stage; -1 for a failed job.'),
    message: z.string().min(1).describe('What is happening, in the language of the request.'),
    stage: z.enum(Object.keys(stages) as Stage[]).describe('The step that the work is at.'),
    reason: z.enum(failureReasonNames).nullable().describe('Why the job failed; null while it has not.'),
    updated_at: z.iso.datetime().describe('When this state began, RFC 3339 in UTC.'),
    result: analysisResultSchema.nullable().describe('The answer of a completed job; null before.'),
  })
  .meta({ id: 'JobStatus', description: 'Where a job is.' }) satisfies z.ZodType<ReturnType<typeof renderStatus>>

export const runningExample = {
  job_id: jobIdExample,
  status: 'processing',
  progress: 50,
  message: 'Working out what it is.',
  stage: 'vision',
  reason: null,
  updated_at: '2026-03-02T05:04:08.120Z',
  result: null,
} as const satisfies z.input<typeof jobStatusSchema>

export const completedExample = {
  job_id: jobIdExample,
  status: 'completed',
  progress: 100,
  message: 'Your answer is ready.',
  stage: 'done',
  reason: null,
  updated_at: '2026-03-02T05:04:10.412Z',
  result: analysisResultExample,
} as const satisfies z.input<typeof jobStatusSchema>

export const failedExample = {
  job_id: jobIdExample,
  status: 'failed',
  progress: -1,
  message: failureReasons.invalid_image.en,
  stage: 'failed',
  reason: 'invalid_image',
  updated_at: '2026-03-02T05:04:09.001Z',
  result: null,
} as const satisfies z.input<typeof jobStatusSchema>
