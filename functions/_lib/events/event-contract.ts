import type * as z from 'zod'
import type { JsonCloudEvent } from './cloud-event.ts'
import type { QueueName } from './queue-name.ts'

/** `app.growbin.<queue>.<task>.v<n>`, or the one type that cron sources send. */
export type EventType = `app.growbin.${QueueName}.${string}.v${number}` | typeof pingType

/** One version of one event: what crosses from a producer to the consumers of a queue. */
export type EventContract<Data = unknown, Type extends EventType = EventType> = {
  type: Type
  queue: QueueName
  /** What it says, in one sentence, for the event catalogue. */
  summary: string
  schema: z.ZodType<Data>
  example: Data
}

/** What a Knative PingSource sends; it cannot be changed there. */
export const pingType = 'dev.knative.sources.ping'

/** What `schema` makes of the data of an event. */
export type DataOf<Contract extends EventContract> = z.output<Contract['schema']>

/** Describes an event. The type stays a literal, by which handlers are matched with the contracts of a function. */
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

/** What is read of the description of a function that sends events. */
export type Publisher = { name: string; publishes: readonly EventContract[] }

/** Makes an event in the name of one function: of the contracts that it declares to publish, and with its `source`. */
export type CreateOwnEvent<Spec extends Publisher> = <Contract extends Spec['publishes'][number]>(
  contract: Contract,
  header: Omit<EventHeader, 'source'>,
  data: DataOf<Contract>,
) => JsonCloudEvent

/**
 * The `createEvent` of one function, for all code but tests. The description is named by its type alone, so that a file which
 * several functions share does not pull it in. What it returns throws `ZodError` for data that breaks the contract.
 *
 * @example const createEvent = eventsOf<typeof spec>('users-delete-account')
 */
export const eventsOf =
  <Spec extends Publisher>(name: Spec['name']): CreateOwnEvent<Spec> =>
  (contract, header, data) =>
    createEvent(contract as EventContract, { ...header, source: `/growbin/${name}` }, data)

/**
 * An event that satisfies its contract, from any `source`. The trigger of the queue matches on the extension attribute `queue`.
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
