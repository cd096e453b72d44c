import type { JsonCloudEvent } from '../events/cloud-event.ts'
import type { Queries } from '../stores/database.pg.ts'
import { inbox } from './events-schema.ts'

/**
 * Begins a transaction that must do the work of an event once: resolves to false when `consumer` has handled it before, and the
 * caller then does nothing. Another delivery at the same time waits here for the end of the first. An event is identified by
 * `source` and `id` (CloudEvents 1.0).
 */
export async function isFirstHandling(tx: Queries, consumer: string, event: JsonCloudEvent): Promise<boolean> {
  const inserted = await tx
    .insert(inbox)
    .values({ consumer, source: event.source, eventId: event.id })
    .onConflictDoNothing()
    .returning({ eventId: inbox.eventId })
  return inserted.length === 1
}

/**
 * Notes in the transaction of an effect that `consumer` has handled the event. For effects that something else lets happen once,
 * such as a fencing token: the same event may then have been handled before, since orders are sent again under their own id.
 */
export async function recordHandled(tx: Queries, consumer: string, event: JsonCloudEvent): Promise<void> {
  await isFirstHandling(tx, consumer, event)
}
