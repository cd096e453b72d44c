import * as z from 'zod'
import { defineEvent, pingType } from '../../_lib/events/event-contract.ts'

/** The tick of the cron sources of the queue `sched`. Their event type is fixed, so the data names the task. */
export const schedCleanupTickV1 = defineEvent({
  type: pingType,
  queue: 'sched',
  summary: 'Tick: clean up caches and tables, or images.',
  schema: z.object({ task: z.enum(['cleanup.cache', 'cleanup.images']), dry_run: z.boolean().optional() }),
  example: { task: 'cleanup.cache' },
})
