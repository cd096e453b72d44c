import type { EventKeys } from '../events/event-keys.ts'
import { createEventSignatures } from '../events/event-signature.ts'
import type { OpenFunction } from '../process/compose-function.ts'
import type { Database } from '../stores/database.pg.ts'
import { createOutbox, type Outbox } from './outbox.pg.ts'
import { createPublisher, type PublishEvent, type PublisherOptions } from './publish-event.ts'

type WithBroker = Pick<OpenFunction, 'log'> & { config: { BROKER_URL: string; EVENT_KEYS: EventKeys } }

/**
 * The publisher of a function, with the broker and the keys of its variables. `timeoutMs` is the deadline of each of `maxAttempts` attempts;
 * `createPublisher` gives their defaults and what it throws.
 */
export const connectBroker = (
  { config }: WithBroker,
  options: Pick<PublisherOptions, 'timeoutMs' | 'maxAttempts'> = {},
): PublishEvent =>
  createPublisher({ brokerUrl: config.BROKER_URL, sign: createEventSignatures(config.EVENT_KEYS).sign, ...options })

/** The outbox of a function in `database`. `publish` sends an event to the broker after the commit. */
export const connectOutbox = (fn: WithBroker, database: Database, publish: PublishEvent = connectBroker(fn)): Outbox =>
  createOutbox({ database, publish, log: fn.log })
