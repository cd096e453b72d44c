import * as z from 'zod'
import { createEventApp, type EventAppOptions, onEvent } from '../../_lib/events/event-app.ts'
import { defineEvent, pingType } from '../../_lib/events/event-contract.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import type { RedriveReport } from './redrive.ts'
import type { RelayReport } from './relay.ts'

const tick = defineEvent({
  type: pingType,
  queue: 'sched',
  summary: 'It is time to publish what was left in the outbox, or to redrive what has gone quiet.',
  schema: z.object({ task: z.enum(['relay', 'redrive']) }),
  example: { task: 'relay' },
})

export type HandlerOptions = Omit<EventAppOptions, 'routes'> & {
  relay: () => Promise<RelayReport>
  redrive: () => Promise<RedriveReport>
}

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp({
    ...options,
    routes: [
      onEvent(tick, async (_, { task }) => {
        const report = task === 'relay' ? await options.relay() : await options.redrive()
        for (const [outcome, count] of Object.entries(report)) {
          options.metrics.count(`${task}_total`, { outcome }, count)
        }
      }),
    ],
  })
}
