import { apiProfileSyncV1 } from '../_contracts/api-profile-sync.v1.ts'
import { createEvent } from '../_lib/events/event-contract.ts'

export type ProfileSyncOrder = { syncId: string; eventId: string; traceparent: string }

/** The event that orders a profile to be read, under the same id however often it is sent. */
export const orderProfileSync = ({ syncId, eventId, traceparent }: ProfileSyncOrder, time: Date) =>
  createEvent(
    apiProfileSyncV1,
    { id: eventId, source: '/growbin/auth-login', subject: syncId, time, traceparent },
    { sync_id: syncId },
  )
