import { and, inArray, sql } from 'drizzle-orm'
import type { JsonCloudEvent } from '../events/cloud-event.ts'
import type { Logger } from '../process/log.ts'
import type { Database, Queries } from '../stores/database.pg.ts'
import { outbox } from './events-schema.ts'
import type { PublishEvent } from './publish-event.ts'

export type Outbox = {
  /**
   * Writes the event in the transaction of the state change. An event whose id is already there is replaced and published again: a
   * redrive. With `delaySeconds` only the relay publishes it, and no earlier.
   */
  append: (tx: Queries, event: JsonCloudEvent, delaySeconds?: number) => Promise<void>
  /** Publishes the events at once; call it after the commit. Never throws: a failure is logged, and the relay publishes the event. */
  flush: (events: readonly JsonCloudEvent[]) => Promise<void>
}

// The relay skips a new event for this long, so that it does not publish it at the same time as the flush after the commit.
const relayGraceSeconds = 2
const asFirstAppended = sql`${outbox.nextAt} = ${outbox.createdAt} + make_interval(secs => ${relayGraceSeconds})`

/** `Outbox.append` for a function whose events only the relay publishes. */
export const appendEvent: Outbox['append'] = async (tx, event, delaySeconds) => {
  const nextAt = sql`now() + make_interval(secs => ${delaySeconds ?? relayGraceSeconds})`
  await tx
    .insert(outbox)
    .values({ eventId: event.id, event, nextAt })
    .onConflictDoUpdate({
      target: outbox.eventId,
      set: { event, nextAt, sentAt: null, attempts: 0, lastError: null, parkedAt: null },
    })
}

/**
 * A transactional outbox: events are appended in the transaction of their effect and published after the commit; the relay publishes
 * those that could not be. `append` throws what the database throws.
 *
 * @example
 * await database.transaction(async (tx) => {
 *   await queueJob(tx, jobId)
 *   await outbox.append(tx, event)
 * })
 * await outbox.flush([event])
 */
export function createOutbox(deps: { database: Database; publish: PublishEvent; log: Logger }): Outbox {
  return {
    append: appendEvent,
    flush: async (events) => {
      const results = await Promise.allSettled(events.map((event) => deps.publish(event)))
      const sent = events.filter((_, index) => results[index]?.status === 'fulfilled').map((event) => event.id)
      for (const result of results) {
        if (result.status === 'rejected') {
          deps.log.warn('An event could not be published; the relay will publish it', { error: result.reason })
        }
      }
      if (sent.length === 0) return
      // If marking fails, the event is published twice, which has one effect. A row that was appended again meanwhile, by a consumer
      // that is faster than this function, must not be marked, or the relay would not publish it again.
      await deps.database
        .run((db) =>
          db
            .update(outbox)
            .set({ sentAt: sql`now()` })
            .where(and(inArray(outbox.eventId, sent), asFirstAppended)),
        )
        .catch((error: unknown) => deps.log.warn('An event could not be marked as sent', { error }))
    },
  }
}
