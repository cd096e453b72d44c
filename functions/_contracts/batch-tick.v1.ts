import * as z from 'zod'
import { defineEvent, pingType } from '../_lib/events/event-contract.ts'
import { batchTasks } from './batch-range.v1.ts'

/** What the cron sources of the queue `batch` send. Their type is fixed, so the data says what it is time for. */
export const batchTickV1 = defineEvent({
  type: pingType,
  queue: 'batch',
  summary:
    'It is time to count yesterday, to write the report of last week, or to look for batch work that stands still.',
  schema: z.object({ task: z.enum([...batchTasks, 'batch.resume']) }),
  example: { task: 'analytics.daily' as const },
})
