import * as z from 'zod'
import { defineEvent } from '../../_lib/events/event-contract.ts'

export const ruleRetrievalRulesRetrieveV1 = defineEvent({
  type: 'app.growbin.rule_retrieval.rules.retrieve.v1',
  queue: 'rule_retrieval',
  summary: 'The item of a job is known: find its sorting rules.',
  schema: z.object({ job_id: z.uuid() }),
  example: { job_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d' },
})
