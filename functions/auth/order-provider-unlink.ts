import { apiProviderUnlinkV1 } from '../_contracts/api-provider-unlink.v1.ts'
import { createEvent } from '../_lib/events/event-contract.ts'

export type UnlinkOrder = { unlinkId: string; eventId: string; traceparent: string }

/** The event that orders a link to be ended, under the same id however often it is sent. */
export const orderProviderUnlink = ({ unlinkId, eventId, traceparent }: UnlinkOrder, time: Date) =>
  createEvent(
    apiProviderUnlinkV1,
    { id: eventId, source: '/growbin/jobs-external-call', subject: unlinkId, time, traceparent },
    { unlink_id: unlinkId },
  )
