import { aiImageAnalyzeV1 } from '../_contracts/events/ai-image-analyze.v1.ts'
import { imageUploadPhotoPrepareV1 } from '../_contracts/events/image-upload-photo-prepare.v1.ts'
import type { JsonCloudEvent } from '../_lib/events/cloud-event.ts'
import { eventsOf } from '../_lib/events/event-contract.ts'
import type { AnalysisVariant } from './analysis-step.ts'
import type spec from './upload-complete/function.ts'

const createEvent = eventsOf<typeof spec>('waste-upload-complete')

export type AnalysisCommand = {
  variant: AnalysisVariant
  jobId: string
  /** The id that the job was born with, so that each event of the job carries the same id. */
  eventId: string
  time: Date
  traceparent: string
}

/** The command that starts an analysis: all of it, or its first step. */
export function createAnalysisCommand({ variant, jobId, eventId, time, traceparent }: AnalysisCommand): JsonCloudEvent {
  return createEvent(
    variant === 'single' ? aiImageAnalyzeV1 : imageUploadPhotoPrepareV1,
    { id: eventId, subject: jobId, time, traceparent },
    { job_id: jobId },
  )
}
