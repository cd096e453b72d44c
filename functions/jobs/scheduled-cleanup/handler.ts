import type { CleanupOrder } from '../../_contracts/cleanup-order.v1.ts'
import { schedCleanupCacheV1 } from '../../_contracts/sched-cleanup-cache.v1.ts'
import { schedCleanupImagesV1 } from '../../_contracts/sched-cleanup-images.v1.ts'
import { schedCleanupTickV1 } from '../../_contracts/sched-cleanup-tick.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createEventApp, type EventAppOptions } from '../../_lib/events/event-app.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import spec from './function.ts'
import type { CleanupTask } from './scheduled-cleanup.ts'

export type HandlerOptions = EventAppOptions & {
  cleanUp: (event: JsonCloudEvent, task: CleanupTask, order: CleanupOrder) => Promise<void>
}

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp(spec, options, {
    [schedCleanupTickV1.type]: (event, tick) => options.cleanUp(event, tick.task, { dry_run: tick.dry_run ?? false }),
    [schedCleanupCacheV1.type]: (event, order) => options.cleanUp(event, 'cleanup.cache', order),
    [schedCleanupImagesV1.type]: (event, order) => options.cleanUp(event, 'cleanup.images', order),
  })
}
