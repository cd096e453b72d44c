import type { JsonCloudEvent } from '../events/cloud-event.ts'
import type { Queries } from '../stores/database.pg.ts'
import { inbox } from './events-schema.ts'

/**
 * Records in a transaction that `consumer` handles an event. It resolves to false when the consumer has handled it before; the caller
 * must then do nothing. A concurrent delivery of the same event waits here until the first transaction ends. An event is identified
 * by `source` and `id` (CloudEvents 1.0). Throws what the database throws.
 *
 * @example
 * await database.transaction(async (tx) => {
 *   if (await isFirstHandling(tx, 'jobs-external-call', event)) await unlinkProvider(tx, unlinkId)
 * })
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
 * Records in the transaction of an effect that `consumer` has handled the event, for effects that a fencing token or the like keeps
 * single. The event may have been handled before, since the redriver publishes a command again under the same id. Throws what the
 * database throws.
 */
export async function recordHandled(tx: Queries, consumer: string, event: JsonCloudEvent): Promise<void> {
  await isFirstHandling(tx, consumer, event)
}
