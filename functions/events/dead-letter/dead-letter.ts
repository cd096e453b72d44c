import { aiImageAnalyzeV1 } from '../../_contracts/ai-image-analyze.v1.ts'
import { gpt5AnalysisItemIdentifyV1 } from '../../_contracts/gpt5-analysis-item-identify.v1.ts'
import { imageUploadPhotoPrepareV1 } from '../../_contracts/image-upload-photo-prepare.v1.ts'
import { responseGenerationAnswerComposeV1 } from '../../_contracts/response-generation-answer-compose.v1.ts'
import { ruleRetrievalRulesRetrieveV1 } from '../../_contracts/rule-retrieval-rules-retrieve.v1.ts'
import { CloudEventFormatError, type JsonCloudEvent, parseCloudEvent } from '../../_lib/cloud-event.ts'
import type { RecordDeadLetter } from '../../_lib/dead-letters.pg.ts'
import type { Logger } from '../../_lib/log.ts'
import { isUuid } from '../../_lib/read-body.ts'
import { findOrigin } from './find-origin.ts'

export type DeadLetterDeps<Ended = unknown> = {
  archiveDeadLetter: RecordDeadLetter
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

/** Archives a message that a queue gave up on, whatever it holds: here nothing is malformed. */
export async function deadLetter<Ended>(
  deps: DeadLetterDeps<Ended>,
  input: { headers: Headers; body: Uint8Array },
): Promise<void> {
  await deps.archiveDeadLetter({
    ...findOrigin(input.headers),
    kind: 'dead_letter',
    headers: input.headers,
    body: input.body,
  })
  // It is archived: another delivery would only count it twice, and the redriver ends the job too, some minutes later.
  await endJobOf(deps, input).catch((error: unknown) => deps.log.warn('A job was left to the redriver', { error }))
}

async function endJobOf<Ended>(
  deps: DeadLetterDeps<Ended>,
  input: { headers: Headers; body: Uint8Array },
): Promise<void> {
  const type = input.headers.get('ce-type')
  const contract = orders.find((order) => order.type === type)
  if (!contract || input.headers.get('ce-queue') !== contract.queue) return
  const event = parseOrder(input)
  const data = contract.schema.safeParse(event?.data)
  if (!event || !data.success || !isUuid(event.id)) return
  const jobId = data.data.job_id
  const ended = await deps.endJob({ jobId, eventId: event.id, redrives: event.extensions.redrives })
  if (!ended) return
  deps.log.warn('The job of a dead letter was ended', { job_id: jobId, event_id: event.id })
  await deps.publishSnapshot(ended)
}

function parseOrder({ headers, body }: { headers: Headers; body: Uint8Array }): JsonCloudEvent | undefined {
  try {
    return parseCloudEvent(headers, body)
  } catch (error) {
    if (error instanceof CloudEventFormatError) return undefined
    throw error
  }
}
