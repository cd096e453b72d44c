import type { CleanupCommand } from '../../_contracts/events/cleanup-command.v1.ts'
import { schedCleanupCacheV1 } from '../../_contracts/events/sched-cleanup-cache.v1.ts'
import { schedCleanupImagesV1 } from '../../_contracts/events/sched-cleanup-images.v1.ts'
import { schedCleanupTickV1 } from '../../_contracts/events/sched-cleanup-tick.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createEventApp, type EventAppOptions } from '../../_lib/events/event-app.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import spec from './function.ts'
import type { CleanupTask } from './scheduled-cleanup.ts'

export type HandlerOptions = EventAppOptions & {
  cleanUp: (event: JsonCloudEvent, task: CleanupTask, command: CleanupCommand) => Promise<void>
}

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp(spec, options, {
    [schedCleanupTickV1.type]: (event, tick) => options.cleanUp(event, tick.task, { dry_run: tick.dry_run ?? false }),
    [schedCleanupCacheV1.type]: (event, command) => options.cleanUp(event, 'cleanup.cache', command),
    [schedCleanupImagesV1.type]: (event, command) => options.cleanUp(event, 'cleanup.images', command),
  })
}
