import { apiAccountDeleteV1 } from '../../_contracts/events/api-account-delete.v1.ts'
import { apiAddressFindV1 } from '../../_contracts/events/api-address-find.v1.ts'
import { apiCoordinatesFindV1 } from '../../_contracts/events/api-coordinates-find.v1.ts'
import { apiProfileSyncV1 } from '../../_contracts/events/api-profile-sync.v1.ts'
import { apiProviderUnlinkV1 } from '../../_contracts/events/api-provider-unlink.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createEventApp, type EventAppOptions } from '../../_lib/events/event-app.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import spec from './function.ts'

/** The outcome of a task for logs and metrics, from a small closed set. */
type Outcome = string

export type HandlerOptions = EventAppOptions & {
  deleteAccount: (deletionId: string) => Promise<void>
  findPlace: (geocodingId: string) => Promise<Outcome>
  syncProfile: (syncId: string) => Promise<Outcome>
  unlinkProvider: (unlinkId: string) => Promise<Outcome>
  /** Records the event as handled, so that its dead letter closes. The tasks themselves are idempotent. */
  noteHandled: (event: JsonCloudEvent) => Promise<void>
}

export function createHandler(options: HandlerOptions): HttpApp {
  // The event of a deferred task is published again later, so this delivery ends without being recorded as handled.
  const note = (event: JsonCloudEvent) =>
    options.noteHandled(event).catch((error: unknown) => {
      options.log.warn('An external task could not be recorded as handled', { error })
    })
  const run = async (event: JsonCloudEvent, task: string, work: Promise<Outcome>) => {
    const outcome = await work
    if (outcome !== 'deferred') await note(event)
    options.metrics.count('external_tasks_total', { task, outcome })
    options.log.info('An external task ended', { task, outcome })
  }
  return createEventApp(spec, options, {
    [apiAccountDeleteV1.type]: async (event, { deletion_id: deletionId }) => {
      await options.deleteAccount(deletionId)
      await note(event)
    },
    [apiAddressFindV1.type]: (event, { geocoding_id: id }) => run(event, 'address.find', options.findPlace(id)),
    [apiCoordinatesFindV1.type]: (event, { geocoding_id: id }) => run(event, 'coordinates.find', options.findPlace(id)),
    [apiProfileSyncV1.type]: (event, { sync_id: id }) => run(event, 'profile.sync', options.syncProfile(id)),
    [apiProviderUnlinkV1.type]: (event, { unlink_id: id }) => run(event, 'provider.unlink', options.unlinkProvider(id)),
  })
}
