import { apiAccountDeleteV1 } from '../../_contracts/api-account-delete.v1.ts'
import { apiAddressFindV1 } from '../../_contracts/api-address-find.v1.ts'
import { apiCoordinatesFindV1 } from '../../_contracts/api-coordinates-find.v1.ts'
import { apiProfileSyncV1 } from '../../_contracts/api-profile-sync.v1.ts'
import { apiProviderUnlinkV1 } from '../../_contracts/api-provider-unlink.v1.ts'
import { createEventApp, type EventAppOptions, onEvent } from '../../_lib/event-app.ts'
import type { HttpApp } from '../../_lib/http-app.ts'

/** What became of a task, for the log and the count: a word of a small closed set. */
type Outcome = string

export type HandlerOptions = Omit<EventAppOptions, 'routes'> & {
  deleteAccount: (deletionId: string) => Promise<void>
  findPlace: (geocodingId: string) => Promise<Outcome>
  syncProfile: (syncId: string) => Promise<Outcome>
  unlinkProvider: (unlinkId: string) => Promise<Outcome>
}

export function createHandler(options: HandlerOptions): HttpApp {
  // A task that was put off has its event sent again later: this delivery is done, and holds nothing up.
  const run = async (task: string, work: Promise<Outcome>) => {
    const outcome = await work
    options.metrics.count('external_tasks_total', { task, outcome })
    options.log.info('An external task ended', { task, outcome })
  }
  return createEventApp({
    ...options,
    routes: [
      onEvent(apiAccountDeleteV1, (_event, { deletion_id: deletionId }) => options.deleteAccount(deletionId)),
      onEvent(apiAddressFindV1, (_event, { geocoding_id: id }) => run('address.find', options.findPlace(id))),
      onEvent(apiCoordinatesFindV1, (_event, { geocoding_id: id }) => run('coordinates.find', options.findPlace(id))),
      onEvent(apiProfileSyncV1, (_event, { sync_id: id }) => run('profile.sync', options.syncProfile(id))),
      onEvent(apiProviderUnlinkV1, (_event, { unlink_id: id }) => run('provider.unlink', options.unlinkProvider(id))),
    ],
  })
}
