import type { JsonCloudEvent } from '../../_lib/cloud-event.ts'
import type { Database } from '../../_lib/database.pg.ts'
import type { Outbox } from '../../_lib/outbox.pg.ts'

/** Sends a reply as any other event is sent. */
export function createReplySender(database: Database, outbox: Outbox) {
  return async (reply: JsonCloudEvent): Promise<void> => {
    await database.transaction((tx) => outbox.append(tx, reply))
    await outbox.flush([reply])
  }
}
