import * as z from 'zod'
import { defineEvent } from '../../_lib/events/event-contract.ts'

export const gpt5AnalysisItemIdentifyV1 = defineEvent({
  type: 'app.growbin.gpt5_analysis.item.identify.v1',
  queue: 'gpt5_analysis',
  summary: 'The photo of a job is new and prepared: ask the model what it shows.',
  schema: z.object({ job_id: z.uuid() }),
  example: { job_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d' },
})
