import { defineEvent } from '../../_lib/events/event-contract.ts'
import { cleanupCommandSchema } from './cleanup-command.v1.ts'

export const schedCleanupImagesV1 = defineEvent({
  type: 'app.growbin.sched.cleanup.images.v1',
  queue: 'sched',
  summary: 'Remove uploads of ended jobs and abandoned jobs, and record which photos are archived.',
  schema: cleanupCommandSchema,
  example: {
    dry_run: false,
    continues: { run_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d', turn: 2, positions: { uploads: 'more' } },
  },
})
