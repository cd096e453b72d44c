import { aiImageAnalyzeV1 } from '../../_contracts/ai-image-analyze.v1.ts'
import { gpt5AnalysisItemIdentifyV1 } from '../../_contracts/gpt5-analysis-item-identify.v1.ts'
import { imageUploadPhotoPrepareV1 } from '../../_contracts/image-upload-photo-prepare.v1.ts'
import { responseGenerationAnswerComposeV1 } from '../../_contracts/response-generation-answer-compose.v1.ts'
import { ruleRetrievalRulesRetrieveV1 } from '../../_contracts/rule-retrieval-rules-retrieve.v1.ts'
import { CloudEventFormatError, type JsonCloudEvent, parseCloudEvent } from '../../_lib/cloud-event.ts'
import type { RecordDeadLetter } from '../../_lib/dead-letters.pg.ts'
import { type VerifyEvent, withSignedAttributes } from '../../_lib/event-signature.ts'
import type { Logger } from '../../_lib/log.ts'
import { isUuid } from '../../_lib/read-body.ts'
import { findOrigin } from './find-origin.ts'

export type DeadLetterDeps<Ended = unknown> = {
  archiveDeadLetter: RecordDeadLetter
  verify: VerifyEvent
  /** Ends the job of an order that nothing will order again; undefined when the job is left to others. */
  endJob: (order: { jobId: string; eventId: string; redrives: string | undefined }) => Promise<Ended | undefined>
  publishSnapshot: (ended: Ended) => Promise<void>
  log: Logger
}

/** Orders of analyses, and of the steps of one. */
const orders = [
  aiImageAnalyzeV1,
  imageUploadPhotoPrepareV1,
  gpt5AnalysisItemIdentifyV1,
  ruleRetrievalRulesRetrieveV1,
  responseGenerationAnswerComposeV1,
]

/**
 * Archives a message that a queue gave up on, whatever it holds: here nothing is malformed. It ends a job only when the event
 * that failed was validly signed, since anybody who reaches the pod can post what looks like a dead letter.
 */
export async function deadLetter<Ended>(
  deps: DeadLetterDeps<Ended>,
  input: { headers: Headers; body: Uint8Array },
): Promise<void> {
  const event = parseEvent(input)
  const verified = event !== undefined && deps.verify(event) === 'valid'
  await deps.archiveDeadLetter({
    ...findOrigin(input.headers),
    kind: 'dead_letter',
    headers: input.headers,
    body: input.body,
    verified,
  })
  if (!verified) return
  // It is archived: another delivery would only count it twice, and the redriver ends the job too, some minutes later.
  await endJobOf(deps, withSignedAttributes(event)).catch((error: unknown) =>
    deps.log.warn('A job was left to the redriver', { error }),
  )
}

async function endJobOf<Ended>(deps: DeadLetterDeps<Ended>, event: JsonCloudEvent): Promise<void> {
  const contract = orders.find(({ type, queue }) => type === event.type && queue === event.extensions.queue)
  const data = contract?.schema.safeParse(event.data)
  if (!data?.success || !isUuid(event.id)) return
  const jobId = data.data.job_id
  const ended = await deps.endJob({ jobId, eventId: event.id, redrives: event.extensions.redrives })
  if (!ended) return
  deps.log.warn('The job of a dead letter was ended', { job_id: jobId, event_id: event.id })
  await deps.publishSnapshot(ended)
}

function parseEvent({ headers, body }: { headers: Headers; body: Uint8Array }): JsonCloudEvent | undefined {
  try {
    return parseCloudEvent(headers, body)
  } catch (error) {
    if (error instanceof CloudEventFormatError) return undefined
    throw error
  }
}
