import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import type { JsonCloudEvent } from '../events/cloud-event.ts'

const events = pgSchema('events')
const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' })
const moment = (name: string) => timestamp(name, { withTimezone: true })

/** Events that must leave, written with the state change that they announce. */
export const outbox = events.table('outbox', {
  outboxId: bigint('outbox_id', { mode: 'bigint' }).generatedAlwaysAsIdentity().primaryKey(),
  eventId: uuid('event_id').notNull().unique(),
  event: jsonb('event').$type<JsonCloudEvent>().notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  /** Not published by the relay before this moment. */
  nextAt: moment('next_at').notNull().defaultNow(),
  sentAt: moment('sent_at'),
  attempts: integer('attempts').notNull().default(0),
  lastError: text('last_error'),
  parkedAt: moment('parked_at'),
  /** How often it was sent once more because its effect was not recorded. */
  askedAgain: smallint('asked_again').notNull().default(0),
})

/** Which consumer has handled which event, written with the effect. */
export const inbox = events.table(
  'inbox',
  {
    consumer: text('consumer').notNull(),
    source: text('source').notNull(),
    eventId: text('event_id').notNull(),
    handledAt: moment('handled_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.consumer, table.source, table.eventId] })],
)

/** Events that failed for good: rejected by a consumer, or dead-lettered by the broker. */
export const deadLetters = events.table('dead_letters', {
  deadLetterId: uuid('dead_letter_id').primaryKey(),
  receivedAt: moment('received_at').notNull().defaultNow(),
  consumer: text('consumer').notNull(),
  kind: text('kind').$type<'rejected' | 'dead_letter'>().notNull(),
  reason: text('reason').notNull(),
  /** Whether its signature was valid when it came. */
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
  /** Whom the dispatcher named in the newest delivery: the dead-letter function itself when the letter went round. */
  reportedConsumer: text('reported_consumer'),
  state: text('state').$type<'open' | 'replayed' | 'discarded' | 'closed'>().notNull().default('open'),
  /** How often the broker gave up on this event at this consumer, and when last. */
  deliveries: integer('deliveries').notNull().default(1),
  lastReceivedAt: moment('last_received_at').notNull().defaultNow(),
  /** When operators decided about it last, and which of them. */
  replayedAt: moment('replayed_at'),
  replayedBy: text('replayed_by'),
  discardedAt: moment('discarded_at'),
  discardedBy: text('discarded_by'),
  /** When it was seen that its work has ended without it, and how. */
  closedAt: moment('closed_at'),
  closedReason: text('closed_reason'),
})

/** What all workers share about a service outside. */
export const outsideServices = events.table('outside_services', {
  service: text('service').primaryKey(),
  /** Calls left in its bucket at `refilledAt`. */
  tokens: doublePrecision('tokens').notNull(),
  refilledAt: moment('refilled_at').notNull().defaultNow(),
  pausedUntil: moment('paused_until'),
  windowBeganAt: moment('window_began_at').notNull().defaultNow(),
  succeeded: integer('succeeded').notNull().default(0),
  failed: integer('failed').notNull().default(0),
  /** Null while the circuit is closed. */
  openUntil: moment('open_until'),
  openings: integer('openings').notNull().default(0),
  probeNo: bigint('probe_no', { mode: 'bigint' }).notNull().default(0n),
  probeUntil: moment('probe_until'),
})
