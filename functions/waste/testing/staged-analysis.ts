import { type JsonCloudEvent, parseCloudEvent } from '../../_lib/events/cloud-event.ts'
import { withSignedAttributes } from '../../_lib/events/event-signature.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import { createAnalysisCommand } from '../analysis-command.ts'
import { analysisSteps } from '../analysis-step.ts'
import { start as startComposeAnswer } from '../compose-answer/main.ts'
import { start as startIdentifyItem } from '../identify-item/main.ts'
import { start as startPreparePhoto } from '../prepare-photo/main.ts'
import { start as startRetrieveRules } from '../retrieve-rules/main.ts'
import type { JobFields, TestJob, WasteParts } from './waste-parts.ts'

export type Answered = { status: number; reply: JsonCloudEvent | undefined }

export type StagedAnalysis = {
  instances: ReadonlyMap<string, FunctionInstance>
  /** A job that waits for its first step, with its photo in the store. */
  queuePhoto: (bytes: Uint8Array, fields?: Partial<JobFields>) => Promise<TestJob>
  commandOf: (job: TestJob) => JsonCloudEvent
  /** Delivers an event to the function of its queue, as the dispatcher does. */
  deliver: (event: JsonCloudEvent, instance?: FunctionInstance) => Promise<Answered>
  /** Delivers an event, and each reply, to the end. Resolves to all that were delivered. */
  follow: (event: JsonCloudEvent) => Promise<JsonCloudEvent[]>
}

export const starts = {
  image_upload: startPreparePhoto,
  gpt5_analysis: startIdentifyItem,
  rule_retrieval: startRetrieveRules,
  response_generation: startComposeAnswer,
} as const

/** The four functions of the steps, without a broker between them. */
export async function startStagedAnalysis(
  parts: WasteParts,
  overrides: Record<string, string> = {},
): Promise<StagedAnalysis> {
  const instances = new Map<string, FunctionInstance>()
  for (const [queue, start] of Object.entries(starts)) instances.set(queue, await parts.start(start, overrides))

  const deliver: StagedAnalysis['deliver'] = async (event, instance) => {
    const { headers, body } = toSignedMessage(event)
    const queue = event.extensions.queue ?? ''
    const receiver = instance ?? instances.get(queue)
    if (!receiver) throw new Error(`No function handles the queue "${queue}"`)
    const response = await receiver.app.request('/', { method: 'POST', headers, body })
    const answered = new Uint8Array(await response.arrayBuffer())
    return {
      status: response.status,
      reply: response.status === 200 ? withSignedAttributes(parseCloudEvent(response.headers, answered)) : undefined,
    }
  }

  return {
    instances,
    queuePhoto: (bytes, fields) => parts.queuePhoto(bytes, { step: analysisSteps[0], ...fields }),
    commandOf: ({ jobId, eventId }) =>
      createAnalysisCommand({
        variant: 'stages',
        jobId,
        eventId,
        time: new Date(),
        traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      }),
    deliver,
    follow: async (event) => {
      const delivered = []
      for (let next: JsonCloudEvent | undefined = event; next; ) {
        delivered.push(next)
        next = (await deliver(next)).reply
      }
      return delivered
    },
  }
}
