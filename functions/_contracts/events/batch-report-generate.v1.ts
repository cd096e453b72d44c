import { defineEvent } from '../../_lib/events/event-contract.ts'
import { batchRangeSchema } from './batch-range.v1.ts'

export const batchReportGenerateV1 = defineEvent({
  type: 'app.growbin.batch.report.generate.v1',
  queue: 'batch',
  summary: 'Write the report of each week, from Monday to Sunday, that lies within these days.',
  schema: batchRangeSchema,
  example: { from: '2026-03-02', to: '2026-03-08', again: true },
})
