import { sql } from 'drizzle-orm'
import type { Outbox } from '../../_lib/messaging/outbox.pg.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { createAccountDeletionCommand } from '../account-deletion-command.ts'
import { deletePerson } from '../delete-person.pg.ts'

// An access token may be accepted for a minute after its session ended, and an upload URL issued with it for five more.
const finalRunAfter = '7 minutes'

/** Creates the queries of account deletions, from the request to the receipt. */
export function createDeletions(database: Database) {
  return {
    /** Resolves to the id of the person, to null when the deletion is final, and to undefined when there is no such deletion. */
    findPerson: async (deletionId: string): Promise<string | null | undefined> => {
      const { rows } = await database.run((db) =>
        db.execute<{ user_id: string | null }>(
          sql`select user_id from users.deletions where deletion_id = ${deletionId}`,
        ),
      )
      return rows[0]?.user_id
    },
    deletePerson: (userId: string, signal?: AbortSignal): Promise<void> => deletePerson(database, userId, { signal }),
    /** Makes the command of an unfinished deletion due for the next run of the redriver. */
    resumeSoon: async (deletionId: string): Promise<void> => {
      await database.run((db) =>
        db.execute(sql`
          update users.deletions set retry_at = now(), attempts = 0
          where deletion_id = ${deletionId} and user_id is not null`),
      )
    },
    /**
     * Records that everything is deleted. Called again after the last token and upload URL of the person have expired, it removes the
     * id of the person and keeps the receipt.
     */
    complete: async (deletionId: string): Promise<void> => {
      await database.run((db) =>
        db.execute(sql`
          update users.deletions
          set completed_at = coalesce(completed_at, now()),
            user_id = case when completed_at > now() - ${finalRunAfter}::interval or completed_at is null then user_id end,
            retry_at = now() + ${finalRunAfter}::interval
          where deletion_id = ${deletionId}`),
      )
    },
  }
}

const deletionsPerRunMax = 100
const retrySecondsMax = 120

/** Publishes the commands of due deletions again, and never gives one up: the person has a right to the deletion. */
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
          order by retry_at limit ${deletionsPerRunMax} for update skip locked
        )
        returning deletion_id, event_id, traceparent`)
      for (const { deletion_id: deletionId, event_id: eventId, traceparent } of rows) {
        await deps.outbox.append(tx, createAccountDeletionCommand({ deletionId, eventId, traceparent }, deps.now()), 0)
      }
      return rows.length
    })
}
