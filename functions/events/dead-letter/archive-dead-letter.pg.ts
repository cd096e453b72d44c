import { sql } from 'drizzle-orm'
import {
  createUnverifiedRecorder,
  type RecordDeadLetter,
  toDeadLetterRow,
} from '../../_lib/messaging/dead-letters.pg.ts'
import { deadLetters } from '../../_lib/messaging/events-schema.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { wentRound } from './find-origin.ts'

/**
 * One row for an event and a consumer. Another delivery is counted, and brings the newest reason; it opens again what an
 * operator had replayed or what was over by itself, and leaves as it is what an operator has discarded.
 * What is not verified is a row of its own, of which there are only so many, and changes no other.
 */
export function createDeadLetterArchive(database: Database): RecordDeadLetter {
  const recordUnverified = createUnverifiedRecorder(database)
  return async (deadLetter) => {
    if (!deadLetter.verified) return recordUnverified(deadLetter)
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
            // A letter that went round says nothing about the failure that made it one.
            reason: sql`case when excluded.reason = ${wentRound} then ${deadLetters.reason} else excluded.reason end`,
            headers: sql`case when excluded.reason = ${wentRound} then ${deadLetters.headers} else excluded.headers end`,
            reportedConsumer: sql`excluded.reported_consumer`,
            state: sql`case when ${deadLetters.state} = 'discarded' then 'discarded' else 'open' end`,
          },
        }),
    )
    return true
  }
}
