import { schedCleanupCacheV1 } from '../../../functions/_contracts/events/sched-cleanup-cache.v1.ts'
import { createEventApp } from '../../../functions/_lib/events/event-app.ts'
import { createLogger } from '../../../functions/_lib/process/log.ts'
import { createMetrics } from '../../../functions/_lib/process/metrics.ts'
import { serve } from '../../../functions/_lib/process/serve.ts'
import { signaturesOf } from '../../local/platform/environment/local-signatures.ts'

const spec = {
  name: 'bench-empty',
  trigger: { queue: 'sched', retries: 0, backoff: 'PT1S', timeoutSeconds: 10 },
  handles: [schedCleanupCacheV1],
} as const

/** A regular event function that parses and verifies each event and does nothing. */
await serve(async (environment) => ({
  app: createEventApp(
    spec,
    {
      log: createLogger({ service: spec.name, level: 'error' }),
      metrics: createMetrics(spec.name),
      signatures: signaturesOf(environment.EVENT_KEYS ?? ''),
      recordDeadLetter: () => Promise.reject(new Error('no event may be rejected')),
    },
    { [schedCleanupCacheV1.type]: async () => undefined },
  ),
  close: async () => undefined,
}))
