import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import type { Outbox } from '../../../_lib/messaging/outbox.pg.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'

/** Sends a reply as any other event is sent. */
export function createReplySender(database: Database, outbox: Outbox) {
  return async (reply: JsonCloudEvent): Promise<void> => {
    await database.transaction((tx) => outbox.append(tx, reply))
    await outbox.flush([reply])
  }
}
