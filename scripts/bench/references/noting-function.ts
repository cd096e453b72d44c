import { schedCleanupCacheV1 } from '../../../functions/_contracts/sched-cleanup-cache.v1.ts'
import { createEventApp, onEvent } from '../../../functions/_lib/events/event-app.ts'
import { createDeadLetterRecorder } from '../../../functions/_lib/messaging/dead-letters.pg.ts'
import { isFirstHandling } from '../../../functions/_lib/messaging/inbox.pg.ts'
import { createLogger } from '../../../functions/_lib/process/log.ts'
import { createMetrics } from '../../../functions/_lib/process/metrics.ts'
import { serve } from '../../../functions/_lib/process/serve.ts'
import { openDatabase } from '../../../functions/_lib/stores/database.pg.ts'
import { signaturesOf } from '../../local/platform/environment/local-signatures.ts'

const consumer = 'bench-noting'

/** The least that an event function with an effect does: it notes each event as handled, in a transaction. */
await serve(async (environment) => {
  const log = createLogger({ service: consumer, level: 'error' })
  const database = openDatabase({ url: environment.DATABASE_URL ?? '', connectionsMax: 10, log })
  return {
    app: createEventApp({
      log,
      metrics: createMetrics(consumer),
      consumer,
      signatures: signaturesOf(environment.EVENT_KEYS ?? ''),
      routes: [
        onEvent(schedCleanupCacheV1, async (event) => {
          await database.transaction((tx) => isFirstHandling(tx, consumer, event))
        }),
      ],
      recordDeadLetter: createDeadLetterRecorder(database),
    }),
    close: database.close,
  }
})
