import { apiProfileSyncV1 } from '../_contracts/events/api-profile-sync.v1.ts'
import { eventsOf } from '../_lib/events/event-contract.ts'
import type spec from './login/function.ts'

const createEvent = eventsOf<typeof spec>('auth-login')

/** A profile sync as its row holds it; the row keeps the event id, so that each publication of the command has the same id. */
export type ProfileSync = { syncId: string; eventId: string; traceparent: string }

/** Creates the command that reads a profile at its provider. */
export const createProfileSyncCommand = ({ syncId, eventId, traceparent }: ProfileSync, time: Date) =>
  createEvent(apiProfileSyncV1, { id: eventId, subject: syncId, time, traceparent }, { sync_id: syncId })
