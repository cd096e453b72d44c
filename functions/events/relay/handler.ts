import * as z from 'zod'
import { createEventApp, type EventAppOptions, onEvent } from '../../_lib/event-app.ts'
import { defineEvent, pingType } from '../../_lib/event-contract.ts'
import type { HttpApp } from '../../_lib/http-app.ts'
import type { RelayReport } from './relay.ts'

const tick = defineEvent({
  type: pingType,
  queue: 'sched',
  summary: 'It is time to publish what was left in the outbox, and to redrive what has gone quiet.',
  schema: z.object({ task: z.literal('relay') }),
  example: { task: 'relay' },
})

export type HandlerOptions = Omit<EventAppOptions, 'routes'> & { relay: () => Promise<RelayReport> }

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp({
    ...options,
    routes: [
      onEvent(tick, async () => {
        const report = await options.relay()
        for (const [outcome, count] of Object.entries(report)) {
          options.metrics.count('relay_total', { outcome }, count)
        }
      }),
    ],
  })
}
