import * as z from 'zod'
import { defineEvent } from '../../_lib/events/event-contract.ts'

export const responseGenerationAnswerComposeV1 = defineEvent({
  type: 'app.growbin.response_generation.answer.compose.v1',
  queue: 'response_generation',
  summary: 'The item of a job and its rules are known: write the answer and complete the job.',
  schema: z.object({ job_id: z.uuid() }),
  example: { job_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d' },
})
