import { apiAccountDeleteV1 } from '../_contracts/events/api-account-delete.v1.ts'
import { eventsOf } from '../_lib/events/event-contract.ts'
import type spec from './delete-account/function.ts'

const createEvent = eventsOf<typeof spec>('users-delete-account')

/** A deletion as its row holds it; the row keeps the event id, so that each publication of the command has the same id. */
export type AccountDeletion = { deletionId: string; eventId: string; traceparent: string }

/** Creates the command that deletes an account. */
export const createAccountDeletionCommand = (deletion: AccountDeletion, time: Date) =>
  createEvent(
    apiAccountDeleteV1,
    {
      id: deletion.eventId,
      subject: deletion.deletionId,
      time,
      traceparent: deletion.traceparent,
    },
    { deletion_id: deletion.deletionId },
  )
