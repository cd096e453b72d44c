import { schedCleanupCacheV1 } from '../../../functions/_contracts/sched-cleanup-cache.v1.ts'
import { createEventApp, onEvent } from '../../../functions/_lib/events/event-app.ts'
import { createLogger } from '../../../functions/_lib/process/log.ts'
import { createMetrics } from '../../../functions/_lib/process/metrics.ts'
import { serve } from '../../../functions/_lib/process/serve.ts'
import { signaturesOf } from '../../local/platform/environment/local-signatures.ts'

const consumer = 'bench-empty'

/** An event function as any other, which reads and checks each event and does nothing. */
await serve(async (environment) => ({
  app: createEventApp({
    log: createLogger({ service: consumer, level: 'error' }),
    metrics: createMetrics(consumer),
    consumer,
    signatures: signaturesOf(environment.EVENT_KEYS ?? ''),
    routes: [onEvent(schedCleanupCacheV1, async () => undefined)],
    recordDeadLetter: () => Promise.reject(new Error('nothing is rejected here')),
  }),
  close: async () => undefined,
}))
