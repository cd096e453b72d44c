import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { JsonCloudEvent } from '../events/cloud-event.ts'
import { bytes, moment } from '../stores/columns.pg.ts'

const events = pgSchema('events')

/** Events to publish, written in the transaction of the change that they announce. */
export const outbox = events.table(
  'outbox',
  {
    outboxId: bigint('outbox_id', { mode: 'bigint' }).generatedAlwaysAsIdentity().primaryKey(),
    eventId: uuid('event_id').notNull().unique('outbox_event_id_key'),
    event: jsonb('event').$type<JsonCloudEvent>().notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
    /** Not published by the relay before this moment. */
    nextAt: moment('next_at').notNull().defaultNow(),
    sentAt: moment('sent_at'),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
    parkedAt: moment('parked_at'),
    /** How often the redriver has published it again because no worker had recorded its effect. */
    askedAgain: smallint('asked_again').notNull().default(0),
  },
  (table) => [
    // The relay reads only unsent rows, and sent ones are kept for days.
    index('outbox_pending').on(table.nextAt).where(sql`${table.sentAt} is null and ${table.parkedAt} is null`),
    index('outbox_sent').on(table.sentAt).where(sql`${table.sentAt} is not null and ${table.parkedAt} is null`),
    // Turns of clean-ups, which are few: the redriver searches them for those that no worker has taken.
    index('outbox_cleanup_turns')
      .on(table.sentAt)
      .where(
        sql`${table.sentAt} is not null and ${table.parkedAt} is null and ${table.event} -> 'extensions' ->> 'queue' = 'sched'`,
      ),
  ],
)

/** Which consumer has handled which event, written with the effect. */
export const inbox = events.table(
  'inbox',
  {
    consumer: text('consumer').notNull(),
    source: text('source').notNull(),
    eventId: text('event_id').notNull(),
    handledAt: moment('handled_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'inbox_pkey', columns: [table.consumer, table.source, table.eventId] }),
    index('inbox_age').on(table.handledAt),
  ],
)

/** Events that failed for good: rejected by a consumer, or dead-lettered by the broker. */
export const deadLetters = events.table(
  'dead_letters',
  {
    deadLetterId: uuid('dead_letter_id').primaryKey(),
    receivedAt: moment('received_at').notNull().defaultNow(),
    consumer: text('consumer').notNull(),
    kind: text('kind').$type<'rejected' | 'dead_letter'>().notNull(),
    reason: text('reason').notNull(),
    /** Whether its signature was valid. An unverified message is never replayed, since the relay would sign it. */
    verified: boolean('verified').notNull().default(false),
    eventId: text('event_id'),
    eventSource: text('event_source'),
    eventType: text('event_type'),
    /** Headers of the message, without credentials. */
    headers: jsonb('headers').$type<Record<string, string>>().notNull(),
    /** Body of the message, cut to 64 KiB. */
    body: bytes('body').notNull(),
    traceparent: text('traceparent'),
    /** The attribute `queue` of the event. */
    queue: text('queue'),
    /** The consumer that the dispatcher named in the latest delivery: the dead-letter function itself when that failed too. */
    reportedConsumer: text('reported_consumer'),
    state: text('state').$type<'open' | 'replayed' | 'discarded' | 'closed'>().notNull().default('open'),
    /** How often the broker gave up on this event at this consumer, and when last. */
    deliveries: integer('deliveries').notNull().default(1),
    lastReceivedAt: moment('last_received_at').notNull().defaultNow(),
    /** When an operator decided about it last, and who. */
    replayedAt: moment('replayed_at'),
    replayedBy: text('replayed_by'),
    discardedAt: moment('discarded_at'),
    discardedBy: text('discarded_by'),
    /** When a clean-up found that its work had ended without it, and how. */
    closedAt: moment('closed_at'),
    closedReason: text('closed_reason'),
  },
  (table) => [
    // An event that a consumer failed to handle is one row for all its deliveries. Each rejected message is a row, since two
    // malformed messages of one id may differ. An unverified message replaces no other.
    uniqueIndex('dead_letters_event')
      .on(table.eventSource, table.eventId, table.consumer)
      .where(sql`${table.kind} = 'dead_letter' and ${table.verified}`),
    // Ids are ordered by time: pages read this index backwards and replays forwards, each from where the last one ended.
    index('dead_letters_state').on(table.state, table.deadLetterId),
    // Clean-up removes ended rows by the moment of their end, and open ones by their latest delivery.
    index('dead_letters_ended')
      .on(sql`greatest(${table.lastReceivedAt}, ${table.replayedAt}, ${table.discardedAt}, ${table.closedAt})`)
      .where(sql`${table.state} <> 'open'`),
    index('dead_letters_open').on(table.lastReceivedAt).where(sql`${table.state} = 'open'`),
    check('dead_letters_kind_check', sql`${table.kind} in ('rejected', 'dead_letter')`),
    check('dead_letters_state_check', sql`${table.state} in ('open', 'replayed', 'discarded', 'closed')`),
  ],
)

/** The state of an outbound service that all workers share: its token bucket, a pause that it has asked for, and its circuit breaker. */
export const outboundServices = events.table('outbound_services', {
  service: text('service').primaryKey(),
  /** Calls left in its bucket at `refilledAt`. */
  tokens: doublePrecision('tokens').notNull(),
  refilledAt: moment('refilled_at').notNull().defaultNow(),
  /** No call before this moment: the service has answered 429 or the like. */
  pausedUntil: moment('paused_until'),
  /** Calls that ended in the present window, by which the circuit is judged. */
  windowBeganAt: moment('window_began_at').notNull().defaultNow(),
  succeeded: integer('succeeded').notNull().default(0),
  failed: integer('failed').notNull().default(0),
  /** Null while the circuit is closed. Once this is past, one probe decides whether it closes. */
  openUntil: moment('open_until'),
  /** Times that the circuit was opened in a row. */
  openings: integer('openings').notNull().default(0),
  probeNo: bigint('probe_no', { mode: 'bigint' }).notNull().default(sql`0`),
  probeUntil: moment('probe_until'),
})
