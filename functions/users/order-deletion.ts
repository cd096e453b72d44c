import { apiAccountDeleteV1 } from '../_contracts/api-account-delete.v1.ts'
import { createEvent } from '../_lib/events/event-contract.ts'

export type DeletionOrder = { deletionId: string; eventId: string; traceparent: string }

/** The event that orders a deletion, under the same id however often it is sent. */
export const orderDeletion = (order: DeletionOrder, time: Date) =>
  createEvent(
    apiAccountDeleteV1,
    {
      id: order.eventId,
      source: '/growbin/users-delete-account',
      subject: order.deletionId,
      time,
      traceparent: order.traceparent,
    },
    { deletion_id: order.deletionId },
  )
