import { type SQL, sql } from 'drizzle-orm'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import type { Database, Queries } from '../../_lib/stores/database.pg.ts'
import type { DeadLetterRow } from './dead-letter-row.ts'
import type { Filter } from './request-schemas.ts'

const rfc3339 = (column: string) =>
  sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`)
const moments = ['received_at', 'last_received_at', 'replayed_at', 'discarded_at', 'closed_at'].map(rfc3339)
const listed = sql`dead_letter_id, consumer, kind, reason, verified, event_id, event_source, event_type, queue,
  reported_consumer, traceparent, state, deliveries, replayed_by, discarded_by, closed_reason, ${sql.join(moments, sql`, `)}`
const whole = sql`${listed}, headers, body`

export type ListedDeadLetter = Omit<DeadLetterRow, 'headers' | 'body'>

/** Returns a function that finds dead letters older than the id `before`, newest first. */
export function createDeadLetterFinder(database: Database) {
  return async (filter: Filter, before: string | undefined, limit: number): Promise<ListedDeadLetter[]> => {
    const conditions = [...conditionsOf(filter), ...(before ? [sql`dead_letter_id < ${before}::uuid`] : [])]
    const { rows } = await database.run((db) =>
      db.execute<ListedDeadLetter>(sql`
        select ${listed} from events.dead_letters where ${allOf(conditions)}
        order by dead_letter_id desc limit ${limit}`),
    )
    return rows
  }
}

/** Returns a function that reads one dead letter with headers and body; undefined when there is none. */
export function createDeadLetterReader(database: Database) {
  return async (deadLetterId: string): Promise<DeadLetterRow | undefined> => {
    const { rows } = await database.run((db) =>
      db.execute<DeadLetterRow>(sql`select ${whole} from events.dead_letters where dead_letter_id = ${deadLetterId}`),
    )
    return rows[0]
  }
}

/** Returns a function that discards a dead letter; the first operator and time stay. Resolves to undefined when there is none. */
export function createDiscarder(database: Database) {
  return async (deadLetterId: string, operator: string): Promise<ListedDeadLetter | undefined> => {
    const { rows } = await database.run((db) =>
      db.execute<ListedDeadLetter>(sql`
        update events.dead_letters
        set discarded_at = case when state = 'discarded' then discarded_at else now() end,
          discarded_by = case when state = 'discarded' then discarded_by else ${operator} end, state = 'discarded'
        where dead_letter_id = ${deadLetterId}
        returning ${listed}`),
    )
    return rows[0]
  }
}

/** The statements of one replay transaction. */
export type ReplayTransaction = {
  /** Locks the dead letter, so that two replays of it run one after the other. */
  lockDeadLetter: (deadLetterId: string) => Promise<DeadLetterRow | undefined>
  /** Locks open dead letters that the broker gave up, oldest first, and skips those that another transaction has locked. */
  lockOpenDeadLetters: (filter: Filter, after: string | undefined, limit: number) => Promise<DeadLetterRow[]>
  /** Writes the events into the outbox, due immediately, and marks their dead letters as replayed. */
  replay: (events: readonly { deadLetterId: string; event: JsonCloudEvent }[], operator: string) => Promise<void>
}

export type InReplay = <Result>(work: (replay: ReplayTransaction) => Promise<Result>) => Promise<Result>

/** Returns a function that runs `work` with the statements of a replay in one transaction. */
export const createReplays =
  (database: Database): InReplay =>
  (work) =>
    database.transaction((tx) =>
      work({
        lockDeadLetter: async (deadLetterId) => {
          const { rows } = await tx.execute<DeadLetterRow>(
            sql`select ${whole} from events.dead_letters where dead_letter_id = ${deadLetterId} for update`,
          )
          return rows[0]
        },
        lockOpenDeadLetters: async (filter, after, limit) => {
          const conditions = [
            ...conditionsOf({ ...filter, state: 'open', kind: 'dead_letter' }),
            ...(after ? [sql`dead_letter_id > ${after}::uuid`] : []),
          ]
          const { rows } = await tx.execute<DeadLetterRow>(sql`
            select ${whole} from events.dead_letters where ${allOf(conditions)}
            order by dead_letter_id limit ${limit} for update skip locked`)
          return rows
        },
        replay: (events, operator) => writeReplay(tx, events, operator),
      }),
    )

/** The rows get new keys: the id of an event may be any text, and the outbox may still hold its first row. */
async function writeReplay(
  tx: Queries,
  events: readonly { deadLetterId: string; event: JsonCloudEvent }[],
  operator: string,
): Promise<void> {
  const rows = events.map(({ event, deadLetterId }) => ({
    event_id: createUuidV7(),
    event,
    dead_letter_id: deadLetterId,
  }))
  await tx.execute(sql`
    with replayed as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row (event_id uuid, event jsonb, dead_letter_id uuid)
    ), written as (
      insert into events.outbox (event_id, event) select event_id, event from replayed
    )
    update events.dead_letters set state = 'replayed', replayed_at = now(), replayed_by = ${operator}
    where dead_letter_id in (select dead_letter_id from replayed)`)
}

function conditionsOf({ state, kind, consumer, type, reason, from, to }: Filter): SQL[] {
  const equal = { state, kind, consumer, event_type: type, reason }
  return [
    ...Object.entries(equal).flatMap(([name, value]) =>
      value === undefined ? [] : [sql`${sql.identifier(name)} = ${value}`],
    ),
    ...(from === undefined ? [] : [sql`received_at >= ${from}::timestamptz`]),
    ...(to === undefined ? [] : [sql`received_at < ${to}::timestamptz`]),
  ]
}

const allOf = (conditions: readonly SQL[]): SQL =>
  conditions.length === 0 ? sql`true` : sql.join([...conditions], sql` and `)
