import { defineEvent } from '../../_lib/events/event-contract.ts'
import { batchRangeSchema } from './batch-range.v1.ts'

export const batchAnalyticsDailyV1 = defineEvent({
  type: 'app.growbin.batch.analytics.daily.v1',
  queue: 'batch',
  summary: 'Count the analyses of each of these days that is not counted yet, or of all of them again.',
  schema: batchRangeSchema,
  example: { from: '2026-03-02', to: '2026-03-02' },
})
