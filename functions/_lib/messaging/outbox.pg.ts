import { and, inArray, sql } from 'drizzle-orm'
import type { JsonCloudEvent } from '../events/cloud-event.ts'
import type { Logger } from '../process/log.ts'
import type { Database, Queries } from '../stores/database.pg.ts'
import { outbox } from './events-schema.ts'
import type { PublishEvent } from './publish-event.ts'

export type Outbox = {
  /**
   * Writes the event in the transaction of the state change. An event that is already there is sent again under its own
   * id, as it is given now: a redrive. With `delaySeconds` it is left to the relay, which publishes it no earlier.
   */
  append: (tx: Queries, event: JsonCloudEvent, delaySeconds?: number) => Promise<void>
  /** After the commit: publishes at once. What fails is logged and left to the relay. */
  flush: (events: readonly JsonCloudEvent[]) => Promise<void>
}

// The relay leaves a fresh event alone for this long, so that it does not race with the flush after the commit.
const relayGraceSeconds = 2
const asFirstAppended = sql`${outbox.nextAt} = ${outbox.createdAt} + make_interval(secs => ${relayGraceSeconds})`

/** `Outbox.append` for a function that leaves every event to the relay. */
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
 * The outbox (transactional outbox pattern): an event is appended in the transaction of its effect, and sent at once after the commit;
 * what could not be sent, the relay sends later.
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
          deps.log.warn('The broker did not take an event; the relay will', { error: result.reason })
        }
      }
      if (sent.length === 0) return
      // If marking fails, the event is sent twice, which every consumer absorbs. A row that was appended again since then
      // waits for its next sending, and a mark would lose that: a quick consumer may order it before this one learns of it.
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
