import { aiImageAnalyzeV1 } from '../../_contracts/events/ai-image-analyze.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createEventApp, type EventAppOptions } from '../../_lib/events/event-app.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import type { AiAnalyzeOutcome } from './ai-analyze.ts'
import spec from './function.ts'

export type HandlerOptions = EventAppOptions & {
  aiAnalyze: (input: { jobId: string; event: JsonCloudEvent }) => Promise<AiAnalyzeOutcome>
}

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp(spec, options, {
    [aiImageAnalyzeV1.type]: async (event, { job_id: jobId }) => {
      const startedMs = performance.now()
      const outcome = await options.aiAnalyze({ jobId, event })
      const durationMs = Math.round(performance.now() - startedMs)
      options.log.info('An analysis ended', { job_id: jobId, outcome, duration_ms: durationMs })
      options.metrics.count('analyses_total', { outcome })
    },
  })
}
