import { defineEvent } from '../_lib/events/event-contract.ts'
import { cleanupOrderSchema } from './cleanup-order.v1.ts'

export const schedCleanupCacheV1 = defineEvent({
  type: 'app.growbin.sched.cleanup.cache.v1',
  queue: 'sched',
  summary: 'Remove cache entries, sessions, sent events, inbox notes and call counts that are beyond their time.',
  schema: cleanupOrderSchema,
  example: { dry_run: true },
})
