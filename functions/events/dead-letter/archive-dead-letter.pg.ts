import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/database.pg.ts'
import { type RecordDeadLetter, toDeadLetterRow } from '../../_lib/dead-letters.pg.ts'
import { deadLetters } from '../../_lib/events-schema.ts'

/**
 * One row for an event and a consumer. Another delivery is counted, and brings the newest reason; it opens again what an
 * operator had replayed, and leaves closed what an operator has discarded.
 */
export function createDeadLetterArchive(database: Database): RecordDeadLetter {
  return async (deadLetter) => {
    await database.run((db) =>
      db
        .insert(deadLetters)
        .values(toDeadLetterRow(deadLetter))
        .onConflictDoUpdate({
          target: [deadLetters.eventSource, deadLetters.eventId, deadLetters.consumer],
          targetWhere: sql`kind = 'dead_letter'`,
          set: {
            deliveries: sql`${deadLetters.deliveries} + 1`,
            lastReceivedAt: sql`now()`,
            reason: sql`excluded.reason`,
            headers: sql`excluded.headers`,
            state: sql`case when ${deadLetters.state} = 'replayed' then 'open' else ${deadLetters.state} end`,
          },
        }),
    )
  }
}
