import { createEventSignatures } from '../../_lib/events/event-signature.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { createDeadLetterArchive } from './archive-dead-letter.pg.ts'
import { deadLetter } from './dead-letter.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const { config, log, metrics } = fn
  const database = connectDatabase(fn)
  const deps = {
    archiveDeadLetter: createDeadLetterArchive(database),
    verify: createEventSignatures(config.EVENT_KEYS).verify,
  }
  return createHandler({
    log,
    metrics,
    deadLetter: (input) => deadLetter(deps, input),
  })
})
