import * as z from 'zod'
import { defineEvent, pingType } from '../_lib/events/event-contract.ts'

/** What the cron sources of the queue `sched` send. Their type is fixed, so the data says what it is time for. */
export const schedCleanupTickV1 = defineEvent({
  type: pingType,
  queue: 'sched',
  summary: 'It is time for a clean-up: of caches and of what is kept in tables, or of images.',
  schema: z.object({ task: z.enum(['cleanup.cache', 'cleanup.images']), dry_run: z.boolean().optional() }),
  example: { task: 'cleanup.cache' },
})
