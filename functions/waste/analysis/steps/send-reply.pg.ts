import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import type { Outbox } from '../../../_lib/messaging/outbox.pg.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'

/** Publishes a reply through the outbox. */
export function createReplySender(database: Database, outbox: Outbox) {
  return async (reply: JsonCloudEvent): Promise<void> => {
    await database.transaction((tx) => outbox.append(tx, reply))
    await outbox.flush([reply])
  }
}
