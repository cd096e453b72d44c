import { sql } from 'drizzle-orm'
import { boolean, check, doublePrecision, index, integer, jsonb, pgSchema, text, uuid } from 'drizzle-orm/pg-core'
import { moment } from '../_lib/stores/columns.pg.ts'

const locations = pgSchema('locations')

export const collectionPoints = locations.table(
  'collection_points',
  {
    collectionPointId: uuid('collection_point_id').primaryKey(),
    kind: text('kind').notNull(),
    name: text('name').notNull(),
    address: text('address'),
    latitude: doublePrecision('latitude').notNull(),
    longitude: doublePrecision('longitude').notNull(),
    /** Category codes of waste that this point takes. */
    accepts: text('accepts').array().notNull(),
    source: text('source').notNull(),
    /** True for points that only stand in for real ones on a laptop. */
    sample: boolean('sample').notNull().default(false),
    retiredAt: moment('retired_at'),
  },
  (table) => [
    index('collection_points_place').on(table.latitude, table.longitude).where(sql`${table.retiredAt} is null`),
    check('collection_points_latitude_check', sql`${table.latitude} between 33 and 39`),
    check('collection_points_longitude_check', sql`${table.longitude} between 124 and 132`),
  ],
)

/** Questions to the map service: the address of coordinates, or the coordinates of an address. */
export const geocodings = locations.table(
  'geocodings',
  {
    geocodingId: uuid('geocoding_id').primaryKey(),
    /** Null for what nobody in particular has asked, such as an import of collection points. */
    ownerId: uuid('owner_id'),
    purpose: text('purpose').notNull(),
    kind: text('kind').$type<'address' | 'coordinates'>().notNull(),
    /** The same for the same question: rounded coordinates, or a hash of the address. */
    questionKey: text('question_key').notNull(),
    askedLatitude: doublePrecision('asked_latitude'),
    askedLongitude: doublePrecision('asked_longitude'),
    askedAddress: text('asked_address'),
    state: text('state').$type<'pending' | 'found' | 'not_found' | 'failed'>().notNull().default('pending'),
    found: jsonb('found'),
    failureReason: text('failure_reason'),
    attempts: integer('attempts').notNull().default(0),
    eventId: uuid('event_id').notNull(),
    traceparent: text('traceparent').notNull(),
    /** When its event is sent again, unless it has ended by then. */
    retryAt: moment('retry_at').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
    endedAt: moment('ended_at'),
  },
  (table) => [
    index('geocodings_owner').on(table.ownerId).where(sql`${table.ownerId} is not null`),
    index('geocodings_due').on(table.retryAt).where(sql`${table.state} = 'pending'`),
    index('geocodings_ended').on(table.endedAt).where(sql`${table.endedAt} is not null`),
    check('geocodings_purpose_check', sql`char_length(${table.purpose}) between 1 and 64`),
    check('geocodings_kind_check', sql`${table.kind} in ('address', 'coordinates')`),
    check('geocodings_asked_latitude_check', sql`${table.askedLatitude} between 33 and 39`),
    check('geocodings_asked_longitude_check', sql`${table.askedLongitude} between 124 and 132`),
    check('geocodings_asked_address_check', sql`char_length(${table.askedAddress}) between 2 and 200`),
    check('geocodings_state_check', sql`${table.state} in ('pending', 'found', 'not_found', 'failed')`),
    check(
      'geocodings_check',
      sql`case ${table.kind}
        when 'address' then ${table.askedLatitude} is not null and ${table.askedLongitude} is not null and ${table.askedAddress} is null
        else ${table.askedAddress} is not null and ${table.askedLatitude} is null and ${table.askedLongitude} is null
      end`,
    ),
    check('geocodings_check1', sql`(${table.state} = 'pending') = (${table.endedAt} is null)`),
    check('geocodings_check2', sql`(${table.state} = 'found') = (${table.found} is not null)`),
    check('geocodings_check3', sql`(${table.state} = 'failed') = (${table.failureReason} is not null)`),
  ],
)

/** Answers by question, of nobody in particular: `found` is null where the map service knows nothing. */
export const knownAnswers = locations.table(
  'known_answers',
  {
    questionKey: text('question_key').primaryKey(),
    found: jsonb('found'),
    answeredAt: moment('answered_at').notNull().defaultNow(),
  },
  (table) => [index('known_answers_age').on(table.answeredAt)],
)
