import { sql } from 'drizzle-orm'
import {
  createUnverifiedRecorder,
  type RecordDeadLetter,
  toDeadLetterRow,
} from '../../_lib/messaging/dead-letters.pg.ts'
import { deadLetters } from '../../_lib/messaging/events-schema.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { deadLetteredTwice } from './find-origin.ts'

/**
 * Records a dead letter: one row per event and consumer. A repeated delivery raises `deliveries`, stores the newest reason
 * and opens a replayed or closed row again; a discarded row stays discarded. An unverified message gets a row of its own,
 * limited in number, and never changes another row.
 *
 * @returns A function that resolves to whether the dead letter was stored.
 */
export function createDeadLetterArchive(database: Database): RecordDeadLetter {
  const recordUnverified = createUnverifiedRecorder(database)
  return async (deadLetter) => {
    if (!deadLetter.verified) return recordUnverified(deadLetter)
    // By the builder in spite of `case` and `excluded`: the recorder inserts the same row, and its columns stand in `toDeadLetterRow` alone.
    await database.run((db) =>
      db
        .insert(deadLetters)
        .values(toDeadLetterRow(deadLetter))
        .onConflictDoUpdate({
          target: [deadLetters.eventSource, deadLetters.eventId, deadLetters.consumer],
          targetWhere: sql`kind = 'dead_letter' and verified`,
          set: {
            deliveries: sql`${deadLetters.deliveries} + 1`,
            lastReceivedAt: sql`now()`,
            // The second failure says nothing about the first, which is the one to keep.
            reason: sql`case when excluded.reason = ${deadLetteredTwice} then ${deadLetters.reason} else excluded.reason end`,
            headers: sql`case when excluded.reason = ${deadLetteredTwice} then ${deadLetters.headers} else excluded.headers end`,
            reportedConsumer: sql`excluded.reported_consumer`,
            state: sql`case when ${deadLetters.state} = 'discarded' then 'discarded' else 'open' end`,
          },
        }),
    )
    return true
  }
}
