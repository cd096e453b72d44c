import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'

const stalledMinutes = 5
const redrivesMax = 5
const turnsAtOnceMax = 50

/**
 * Returns a function that marks the commands of unfinished turns as unsent, for the relay to publish again: five minutes after
 * they were sent, then after twice as long each time, five times in all. Resolves to their number.
 */
export function createCleanupTurnRedriver(database: Database): () => Promise<number> {
  return async () => {
    const { rowCount } = await database.run((db) =>
      db.execute(sql`
        update events.outbox
        set sent_at = null, next_at = now(), attempts = 0, asked_again = asked_again + 1
        where outbox_id in (
          select outbox_id from events.outbox as sent
          where sent_at is not null and parked_at is null and event -> 'extensions' ->> 'queue' = 'sched'
            and sent_at < now() - make_interval(mins => ${stalledMinutes} * (1 << asked_again))
            and asked_again < ${redrivesMax}
            and not exists (
              select from events.cleanup_runs as taken
              where taken.event_source = sent.event ->> 'source' and taken.event_id = sent.event_id::text
                and taken.ended_at is not null)
          order by sent_at limit ${turnsAtOnceMax} for update skip locked
        )`),
    )
    return rowCount ?? 0
  }
}
