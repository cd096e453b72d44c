import { sql } from 'drizzle-orm'
import type { Outbox } from '../../_lib/messaging/outbox.pg.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { orderDeletion } from '../order-deletion.ts'
import type { DeleteAccountDeps } from './delete-account.ts'

export function createFreshnessCheck(database: Database): DeleteAccountDeps['isFreshlyAuthenticated'] {
  return async (sessionId) => {
    const { rowCount } = await database.run((db) =>
      db.execute(sql`
        select from auth.sessions_v1
        where session_id = ${sessionId} and ended_at is null and authenticated_at > now() - interval '5 minutes'`),
    )
    return rowCount === 1
  }
}

export function createDeletionOrderer(deps: {
  database: Database
  outbox: Outbox
  /** Names the person on the receipt, which outlives the account. */
  nameOnReceipt: (userId: string) => string
  createId: () => string
  now: () => Date
}): DeleteAccountDeps['orderDeletion'] {
  return (userId, traceparent) =>
    deps.database.transaction(async (tx) => {
      const order = { deletionId: deps.createId(), eventId: deps.createId(), traceparent }
      const inserted = await tx.execute(sql`
        insert into users.deletions (deletion_id, user_id, user_hash, hashed_with, event_id, traceparent)
        values (${order.deletionId}, ${userId}, ${deps.nameOnReceipt(userId)}, 'hmac-sha256', ${order.eventId}, ${traceparent})
        on conflict (user_id) do nothing`)
      if (inserted.rowCount === 1) {
        const event = orderDeletion(order, deps.now())
        await deps.outbox.append(tx, event)
        return { deletionId: order.deletionId, event }
      }
      const { rows } = await tx.execute<{ deletion_id: string }>(
        sql`select deletion_id from users.deletions where user_id = ${userId}`,
      )
      const [earlier] = rows
      if (!earlier) throw new Error('A deletion was neither inserted nor found')
      return { deletionId: earlier.deletion_id, event: undefined }
    })
}
