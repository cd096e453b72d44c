import * as z from 'zod'
import { defineEvent, pingType } from '../../_lib/events/event-contract.ts'

/** It goes straight to the relay, past the broker, so it is no contract between domains. */
export const relayTick = defineEvent({
  type: pingType,
  queue: 'sched',
  summary: 'It is time to publish what was left in the outbox, or to redrive what has gone quiet.',
  schema: z.object({ task: z.enum(['relay', 'redrive']) }),
  example: { task: 'relay' },
})
