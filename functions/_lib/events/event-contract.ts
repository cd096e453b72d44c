import type * as z from 'zod'
import type { QueueName } from '../process/function-spec.ts'
import type { JsonCloudEvent } from './cloud-event.ts'

/** One version of one event: what crosses from a producer to the consumers of a queue. */
export type EventContract<Data = unknown> = {
  /** `app.growbin.<queue>.<task>.v<n>`, or the one type that cron sources send. */
  type: `app.growbin.${QueueName}.${string}.v${number}` | typeof pingType
  queue: QueueName
  /** What it says, in one sentence, for the event catalogue. */
  summary: string
  schema: z.ZodType<Data>
  example: Data
}

/** What a Knative PingSource sends; it cannot be changed there. */
export const pingType = 'dev.knative.sources.ping'

export const defineEvent = <Data>(contract: EventContract<Data>): EventContract<Data> => contract

export type EventHeader = {
  id: string
  /** URI reference of the producer: `/growbin/<function>`. */
  source: string
  subject: string
  time: Date
  traceparent: string
}

/** An event that satisfies its contract. The trigger of the queue matches on the extension attribute `queue`. */
export function createEvent<Data>(contract: EventContract<Data>, header: EventHeader, data: Data): JsonCloudEvent {
  return {
    specversion: '1.0',
    id: header.id,
    source: header.source,
    type: contract.type,
    subject: header.subject,
    time: header.time.toISOString(),
    datacontenttype: 'application/json',
    data: contract.schema.parse(data),
    extensions: { queue: contract.queue, traceparent: header.traceparent },
  }
}
