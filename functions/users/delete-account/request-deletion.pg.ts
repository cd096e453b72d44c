import { sql } from 'drizzle-orm'
import type { Outbox } from '../../_lib/messaging/outbox.pg.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { createAccountDeletionCommand } from '../account-deletion-command.ts'
import type { DeleteAccountDeps } from './delete-account.ts'

/** Creates the query that tells whether the login of a live session is at most five minutes old. */
export function createRecentLoginCheck(database: Database): DeleteAccountDeps['isRecentlyAuthenticated'] {
  return async (sessionId) => {
    const { rowCount } = await database.run((db) =>
      db.execute(sql`
        select from auth.sessions_v1
        where session_id = ${sessionId} and ended_at is null and authenticated_at > now() - interval '5 minutes'`),
    )
    return rowCount === 1
  }
}

/** Creates the transaction that inserts a deletion with its command, once per person. */
export function createDeletionRequester(deps: {
  database: Database
  outbox: Outbox
  /** Returns the pseudonym of the person on the receipt, which outlives the account. */
  nameOnReceipt: (userId: string) => string
  createId: () => string
  now: () => Date
}): DeleteAccountDeps['requestDeletion'] {
  return (userId, traceparent) =>
    deps.database.transaction(async (tx) => {
      const deletion = { deletionId: deps.createId(), eventId: deps.createId(), traceparent }
      const inserted = await tx.execute(sql`
        insert into users.deletions (deletion_id, user_id, user_hash, hashed_with, event_id, traceparent)
        values (${deletion.deletionId}, ${userId}, ${deps.nameOnReceipt(userId)}, 'hmac-sha256', ${deletion.eventId}, ${traceparent})
        on conflict (user_id) do nothing`)
      if (inserted.rowCount === 1) {
        const event = createAccountDeletionCommand(deletion, deps.now())
        await deps.outbox.append(tx, event)
        return { deletionId: deletion.deletionId, event }
      }
      const { rows } = await tx.execute<{ deletion_id: string }>(
        sql`select deletion_id from users.deletions where user_id = ${userId}`,
      )
      const [earlier] = rows
      if (!earlier) throw new Error('A deletion was neither inserted nor found')
      return { deletionId: earlier.deletion_id, event: undefined }
    })
}
