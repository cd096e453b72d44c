import * as z from 'zod'
import { defineEvent } from '../../_lib/events/event-contract.ts'

export const aiImageAnalyzeV1 = defineEvent({
  type: 'app.growbin.ai.image.analyze.v1',
  queue: 'ai',
  summary: 'The photo of a job is in the object store and checked: analyse it.',
  schema: z.object({ job_id: z.uuid() }),
  example: { job_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d' },
})
