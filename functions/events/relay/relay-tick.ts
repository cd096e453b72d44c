import * as z from 'zod'
import { defineEvent, pingType } from '../../_lib/events/event-contract.ts'

/** The tick is posted to the relay directly and not through the broker, so it is not a contract between domains. */
export const relayTick = defineEvent({
  type: pingType,
  queue: 'sched',
  summary: 'Tick: publish the due events of the outbox, or redrive stalled work.',
  schema: z.object({ task: z.enum(['relay', 'redrive']) }),
  example: { task: 'relay' },
})
