import { apiProviderUnlinkV1 } from '../_contracts/events/api-provider-unlink.v1.ts'
import type { externalCall } from '../_contracts/external-call.ts'
import { eventsOf } from '../_lib/events/event-contract.ts'

const createEvent = eventsOf<typeof externalCall>('jobs-external-call')

/** An unlink as its row holds it; the row keeps the event id, so that each publication of the command has the same id. */
export type ProviderUnlink = { unlinkId: string; eventId: string; traceparent: string }

/** Creates the command that ends a link at its provider. */
export const createProviderUnlinkCommand = ({ unlinkId, eventId, traceparent }: ProviderUnlink, time: Date) =>
  createEvent(apiProviderUnlinkV1, { id: eventId, subject: unlinkId, time, traceparent }, { unlink_id: unlinkId })
