import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'

const quietMinutes = 5
const askedAgainMax = 5
const turnsAtOnceMax = 50

/**
 * Has the orders of further turns sent again that no clean-up has taken to its end: after five minutes at first, later each time, and
 * five times in all. Then the next tick begins a new run, as it does anyway. Resolves to their number.
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
            and sent_at < now() - make_interval(mins => ${quietMinutes} * (1 << asked_again))
            and asked_again < ${askedAgainMax}
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
