import type { EventAppOptions } from '../events/event-app.ts'
import type { EventKeys } from '../events/event-keys.ts'
import { createEventSignatures } from '../events/event-signature.ts'
import type { OpenFunction } from '../process/compose-function.ts'
import type { Database } from '../stores/database.pg.ts'
import { createDeadLetterRecorder } from './dead-letters.pg.ts'

type WithEventKeys = Pick<OpenFunction, 'log' | 'metrics'> & { config: { EVENT_KEYS: EventKeys } }

/** The options of `createEventApp` that are the same for every function. Rejected events are recorded in `database`. */
export const eventAppParts = ({ config, log, metrics }: WithEventKeys, database: Database): EventAppOptions => ({
  log,
  metrics,
  signatures: createEventSignatures(config.EVENT_KEYS),
  recordDeadLetter: createDeadLetterRecorder(database),
})
