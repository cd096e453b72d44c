import { schedCleanupCacheV1 } from '../../_contracts/events/sched-cleanup-cache.v1.ts'
import { schedCleanupImagesV1 } from '../../_contracts/events/sched-cleanup-images.v1.ts'
import { schedCleanupTickV1 } from '../../_contracts/events/sched-cleanup-tick.v1.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { broker, databases, objectStore, redis } from '../../_lib/variables/groups.ts'
import { integer } from '../../_lib/variables/variable.ts'

export default defineFunction({
  name: 'jobs-scheduled-cleanup',
  node: 'async',
  trigger: {
    queue: 'sched',
    retries: 2,
    backoff: 'PT0.5S',
    timeoutSeconds: 16,
    schedules: [
      { name: 'cache', cron: '0 * * * *', body: { task: 'cleanup.cache' } },
      { name: 'images', cron: '0 3 * * *', body: { task: 'cleanup.images' } },
    ],
  },
  handles: [schedCleanupTickV1, schedCleanupCacheV1, schedCleanupImagesV1],
  publishes: [schedCleanupCacheV1, schedCleanupImagesV1],
  scale: { min: 0, max: 1, concurrency: 3 },
  resources: { cpuMillis: 50, memoryMiB: 160 },
  // A turn holds one connection for its lock, and needs another for its work.
  variables: {
    ...broker(),
    ...redis('waste'),
    ...objectStore(),
    // The events domain for reports, the outbox and dead letters; the others for the tasks that run here.
    ...databases({
      DATABASE_URL: { domain: 'events', connectionsMax: 5 },
      AUTH_DATABASE_URL: { domain: 'auth', connectionsMax: 1 },
      LOCATIONS_DATABASE_URL: { domain: 'locations', connectionsMax: 1 },
      WASTE_DATABASE_URL: { domain: 'waste', connectionsMax: 2 },
    }),
    /** After this time a turn publishes the command of the next. A batch in progress is finished, within the deadline of a delivery. */
    TURN_MS_MAX: integer(8_000, { min: 0, max: 10_000 }),
  },
})
