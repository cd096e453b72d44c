import { schedCleanupCacheV1 } from '../../../functions/_contracts/events/sched-cleanup-cache.v1.ts'
import { createEventApp } from '../../../functions/_lib/events/event-app.ts'
import { createDeadLetterRecorder } from '../../../functions/_lib/messaging/dead-letters.pg.ts'
import { isFirstHandling } from '../../../functions/_lib/messaging/inbox.pg.ts'
import { createLogger } from '../../../functions/_lib/process/log.ts'
import { createMetrics } from '../../../functions/_lib/process/metrics.ts'
import { serve } from '../../../functions/_lib/process/serve.ts'
import { openDatabase } from '../../../functions/_lib/stores/database.pg.ts'
import { signaturesOf } from '../../local/platform/environment/local-signatures.ts'

const spec = {
  name: 'bench-noting',
  trigger: { queue: 'sched', retries: 0, backoff: 'PT1S', timeoutSeconds: 10 },
  handles: [schedCleanupCacheV1],
} as const

/** The minimal event function with an effect: it writes an inbox row for each event, in a transaction. */
await serve(async (environment) => {
  const log = createLogger({ service: spec.name, level: 'error' })
  const database = openDatabase({ url: environment.DATABASE_URL ?? '', connectionsMax: 10, log })
  return {
    app: createEventApp(
      spec,
      {
        log,
        metrics: createMetrics(spec.name),
        signatures: signaturesOf(environment.EVENT_KEYS ?? ''),
        recordDeadLetter: createDeadLetterRecorder(database),
      },
      {
        [schedCleanupCacheV1.type]: async (event) => {
          await database.transaction((tx) => isFirstHandling(tx, spec.name, event))
        },
      },
    ),
    close: database.close,
  }
})
