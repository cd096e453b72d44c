import { sql } from 'drizzle-orm'
import type { Outbox } from '../../_lib/messaging/outbox.pg.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { deletePerson } from '../delete-person.pg.ts'
import { orderDeletion } from '../order-deletion.ts'

// An access token may be taken for a minute after its session ended, and an upload URL for five more.
const lastSweepAfter = '7 minutes'

/** Deletions of accounts, from the order to the receipt. */
export function createDeletions(database: Database) {
  return {
    /** Whose account is to be deleted; null when the person is forgotten, undefined when there is no such deletion. */
    findPerson: async (deletionId: string): Promise<string | null | undefined> => {
      const { rows } = await database.run((db) =>
        db.execute<{ user_id: string | null }>(
          sql`select user_id from users.deletions where deletion_id = ${deletionId}`,
        ),
      )
      return rows[0]?.user_id
    },
    deletePerson: (userId: string, signal?: AbortSignal): Promise<void> => deletePerson(database, userId, { signal }),
    /** Has the order of an unfinished deletion sent again by the next run of the relay. */
    resumeSoon: async (deletionId: string): Promise<void> => {
      await database.run((db) =>
        db.execute(sql`
          update users.deletions set retry_at = now(), attempts = 0
          where deletion_id = ${deletionId} and user_id is not null`),
      )
    },
    /**
     * Notes that everything is gone. Run again after the last token and upload URL of the person have expired, it forgets the
     * person and keeps the receipt.
     */
    complete: async (deletionId: string): Promise<void> => {
      await database.run((db) =>
        db.execute(sql`
          update users.deletions
          set completed_at = coalesce(completed_at, now()),
            user_id = case when completed_at > now() - ${lastSweepAfter}::interval or completed_at is null then user_id end,
            retry_at = now() + ${lastSweepAfter}::interval
          where deletion_id = ${deletionId}`),
      )
    },
  }
}

const deletionsAtOnceMax = 100
const retrySecondsMax = 120

/** Has the orders of deletions that have gone quiet sent again. They are never given up: a person has a right to their end. */
export function createDeletionRedriver(deps: {
  database: Database
  outbox: Outbox
  now: () => Date
}): () => Promise<number> {
  return () =>
    deps.database.transaction(async (tx) => {
      const { rows } = await tx.execute<{ deletion_id: string; event_id: string; traceparent: string }>(sql`
        update users.deletions
        set attempts = attempts + 1,
          retry_at = now() + make_interval(secs => least(${retrySecondsMax}, 15 * 2 ^ least(attempts, 10)))
        where deletion_id in (
          select deletion_id from users.deletions where user_id is not null and retry_at <= now()
          order by retry_at limit ${deletionsAtOnceMax} for update skip locked
        )
        returning deletion_id, event_id, traceparent`)
      for (const { deletion_id: deletionId, event_id: eventId, traceparent } of rows) {
        await deps.outbox.append(tx, orderDeletion({ deletionId, eventId, traceparent }, deps.now()), 0)
      }
      return rows.length
    })
}
