import { defineEvent } from '../../_lib/events/event-contract.ts'
import { cleanupCommandSchema } from './cleanup-command.v1.ts'

export const schedCleanupCacheV1 = defineEvent({
  type: 'app.growbin.sched.cleanup.cache.v1',
  queue: 'sched',
  summary: 'Remove expired cache entries, sessions, sent events, inbox rows and call counts.',
  schema: cleanupCommandSchema,
  example: { dry_run: true },
})
