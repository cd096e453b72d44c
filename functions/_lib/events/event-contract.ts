import type * as z from 'zod'
import type { JsonCloudEvent } from './cloud-event.ts'
import type { QueueName } from './queue-name.ts'

/** `app.growbin.<queue>.<task>.v<n>`, or the one type that cron sources send. */
export type EventType = `app.growbin.${QueueName}.${string}.v${number}` | typeof pingType

/** One version of one event, as its producers and the consumers of its queue agree on it. */
export type EventContract<Data = unknown, Type extends EventType = EventType> = {
  type: Type
  queue: QueueName
  /** The fact or the command, in one sentence, for the event catalogue. */
  summary: string
  schema: z.ZodType<Data>
  example: Data
}

/** The event type of every Knative PingSource, which fixes it. */
export const pingType = 'dev.knative.sources.ping'

/** The data of an event, as its contract parses it. */
export type DataOf<Contract extends EventContract> = z.output<Contract['schema']>

/**
 * Declares an event and returns the contract as it is. Its type stays a literal, by which the compiler matches handlers with the contracts
 * of a function.
 *
 * @example
 * export const aiImageAnalyzeV1 = defineEvent({
 *   type: 'app.growbin.ai.image.analyze.v1', queue: 'ai', summary: 'Analyse the photo of a job.',
 *   schema: z.object({ job_id: z.uuid() }), example: { job_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d' },
 * })
 */
export const defineEvent = <Data, const Type extends EventType>(
  contract: EventContract<Data, Type>,
): EventContract<Data, Type> => contract

export type EventHeader = {
  id: string
  /** URI reference of the producer: `/growbin/<function>`. */
  source: string
  subject: string
  time: Date
  traceparent: string
}

/** The part of a function's description that `eventsOf` needs. */
export type Publisher = { name: string; publishes: readonly EventContract[] }

/** Makes an event with the `source` of one function, of a contract that the function declares to publish. */
export type CreateOwnEvent<Spec extends Publisher> = <Contract extends Spec['publishes'][number]>(
  contract: Contract,
  header: Omit<EventHeader, 'source'>,
  data: DataOf<Contract>,
) => JsonCloudEvent

/**
 * The `createEvent` of one function, for all code but tests. The description is a type argument, so that a file which several
 * functions share does not import it at run time. What it returns throws `ZodError` for data that breaks the contract.
 *
 * @example const createEvent = eventsOf<typeof spec>('users-delete-account')
 */
export const eventsOf =
  <Spec extends Publisher>(name: Spec['name']): CreateOwnEvent<Spec> =>
  (contract, header, data) =>
    createEvent(contract as EventContract, { ...header, source: `/growbin/${name}` }, data)

/**
 * Makes an event that satisfies its contract, from any `source`. The extension attribute `queue` routes it to the trigger of its queue.
 * Throws `ZodError` for data that breaks the contract.
 */
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
