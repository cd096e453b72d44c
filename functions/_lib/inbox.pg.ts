import type { JsonCloudEvent } from './cloud-event.ts'
import type { Queries } from './database.pg.ts'
import { inbox } from './events-schema.ts'

/**
 * Records in the transaction of the effect that `consumer` has handled the event. Resolves to false when it had been
 * handled before, in which case the caller rolls back. An event is identified by `source` and `id` (CloudEvents 1.0).
 */
export async function recordHandled(tx: Queries, consumer: string, event: JsonCloudEvent): Promise<boolean> {
  const inserted = await tx
    .insert(inbox)
    .values({ consumer, source: event.source, eventId: event.id })
    .onConflictDoNothing()
    .returning({ eventId: inbox.eventId })
  return inserted.length === 1
}
