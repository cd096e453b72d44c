import * as z from 'zod'
import { defineEvent, pingType } from '../../_lib/events/event-contract.ts'
import { batchTasks } from './batch-range.v1.ts'

/** The tick of the cron sources of the queue `batch`. Their event type is fixed, so the data names the task. */
export const batchTickV1 = defineEvent({
  type: pingType,
  queue: 'batch',
  summary: 'Tick: count yesterday, write the report of last week, or resume stalled batch work.',
  schema: z.object({ task: z.enum([...batchTasks, 'batch.resume']) }),
  example: { task: 'analytics.daily' as const },
})
