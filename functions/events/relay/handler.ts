import { createEventApp, type EventAppOptions } from '../../_lib/events/event-app.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import spec from './function.ts'
import type { RedriveReport } from './redrive.ts'
import type { RelayReport } from './relay.ts'
import { relayTick } from './relay-tick.ts'

export type HandlerOptions = EventAppOptions & {
  relay: () => Promise<RelayReport>
  redrive: () => Promise<RedriveReport>
}

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp(spec, options, {
    [relayTick.type]: async (_, { task }) => {
      const report = task === 'relay' ? await options.relay() : await options.redrive()
      for (const [outcome, count] of Object.entries(report)) {
        options.metrics.count(`${task}_total`, { outcome }, count)
      }
    },
  })
}
