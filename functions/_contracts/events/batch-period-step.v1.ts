import * as z from 'zod'
import { defineEvent } from '../../_lib/events/event-contract.ts'
import { batchTasks } from './batch-range.v1.ts'

export const batchPeriodStepV1 = defineEvent({
  type: 'app.growbin.batch.period.step.v1',
  queue: 'batch',
  summary: 'Take the next step of the work on one day or week, from its last checkpoint.',
  schema: z.object({
    task: z.enum(batchTasks),
    /** The day, or the Monday of the week. */
    period: z.iso.date(),
    /** Fencing token: the step is done once, and this command has no effect after a later token was issued. */
    fence: z.int().min(1),
  }),
  example: { task: 'analytics.daily' as const, period: '2026-03-02', fence: 1 },
})
