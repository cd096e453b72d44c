import { defineFunction } from '../../_lib/process/function-spec.ts'
import { broker, databases, redis } from '../../_lib/variables/groups.ts'
import { integer } from '../../_lib/variables/variable.ts'
import { relayTick } from './relay-tick.ts'

export default defineFunction({
  name: 'events-relay',
  node: 'async',
  trigger: {
    schedules: [
      { name: 'events-relay', cron: '* * * * * *', body: { task: 'relay' } },
      { name: 'events-relay-redrive', cron: '*/5 * * * * *', body: { task: 'redrive' } },
    ],
  },
  handles: [relayTick],
  // Its ticks keep one instance running, so it is declared, and counted where pods are added up.
  scale: { min: 1, max: 2, concurrency: 1 },
  resources: { cpuMillis: 50, memoryMiB: 144 },
  variables: {
    ...broker(),
    ...redis('events'),
    // Its own domain, and the domains whose tasks redrive stalled work, each with its own role.
    ...databases({
      DATABASE_URL: { domain: 'events', connectionsMax: 2 },
      AUTH_DATABASE_URL: { domain: 'auth', connectionsMax: 1 },
      LOCATIONS_DATABASE_URL: { domain: 'locations', connectionsMax: 1 },
      USERS_DATABASE_URL: { domain: 'users', connectionsMax: 1 },
      WASTE_DATABASE_URL: { domain: 'waste', connectionsMax: 1 },
    }),
    /** After this time a run ends, and the next tick continues. */
    RUN_MS_MAX: integer(20_000, { min: 100, max: 50_000 }),
  },
})
