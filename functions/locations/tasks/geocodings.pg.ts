import { sql } from 'drizzle-orm'
import { appendEvent } from '../../_lib/messaging/outbox.pg.ts'
import type { Database, Queries } from '../../_lib/stores/database.pg.ts'
import { createGeocodingCommand, type FoundPlace, type Question, questionKeyOf } from '../geocoding.ts'
import type { FindPlaceDeps } from './find-place.ts'

type GeocodingRow = {
  kind: Question['kind']
  asked_latitude: number
  asked_longitude: number
  asked_address: string
  attempts: number
  is_too_old: boolean
}
type CommandRow = { geocoding_id: string; kind: Question['kind']; event_id: string; traceparent: string }

/** Time after the due time of a command until the redriver publishes it again. */
const quietSeconds = 120
const geocodingsPerRunMax = 100
const failedAfter = '1 day'
/** Streets are renamed and houses built. */
const knownFor = '30 days'

/** Creates the queries and transactions of `findPlace`. */
export function createGeocodings(deps: {
  database: Database
  now: () => Date
}): Pick<FindPlaceDeps, 'findGeocoding' | 'findKnown' | 'saveAnswer' | 'fail' | 'defer'> {
  const { database } = deps
  return {
    findGeocoding: async (geocodingId) => {
      const { rows } = await database.run((db) =>
        db.execute<GeocodingRow>(sql`
          select kind, asked_latitude, asked_longitude, asked_address, attempts,
            created_at < now() - ${failedAfter}::interval as is_too_old
          from locations.geocodings where geocoding_id = ${geocodingId} and state = 'pending'`),
      )
      const [row] = rows
      if (!row) return undefined
      const question: Question =
        row.kind === 'address'
          ? { kind: 'address', at: { lat: row.asked_latitude, lng: row.asked_longitude } }
          : { kind: 'coordinates', address: row.asked_address }
      return { geocodingId, question, attempts: row.attempts, isTooOld: row.is_too_old }
    },
    findKnown: async (question) => {
      const { rows } = await database.run((db) =>
        db.execute<{ found: FoundPlace | null }>(sql`
          select found from locations.known_answers
          where question_key = ${questionKeyOf(question)} and answered_at > now() - ${knownFor}::interval`),
      )
      return rows[0] && { found: rows[0].found ?? undefined }
    },
    saveAnswer: ({ geocodingId, question }, found) =>
      database.transaction(async (tx) => {
        const json = found === undefined ? null : JSON.stringify(found)
        await tx.execute(sql`
          update locations.geocodings
          set state = ${found ? 'found' : 'not_found'}, found = ${json}::jsonb, ended_at = now()
          where geocoding_id = ${geocodingId} and state = 'pending'`)
        // A known answer that was used keeps its age.
        await tx.execute(sql`
          insert into locations.known_answers as kept (question_key, found)
          values (${questionKeyOf(question)}, ${json}::jsonb)
          on conflict (question_key) do update set found = excluded.found, answered_at = now()
          where kept.answered_at <= now() - ${knownFor}::interval`)
      }),
    fail: async (geocodingId, reason) => {
      await database.run((db) =>
        db.execute(sql`
          update locations.geocodings set state = 'failed', failure_reason = ${reason}, ended_at = now()
          where geocoding_id = ${geocodingId} and state = 'pending'`),
      )
    },
    defer: (geocodingId, delaySeconds, failed) =>
      database.transaction(async (tx) => {
        const { rows } = await tx.execute<CommandRow>(sql`
          update locations.geocodings
          set attempts = attempts + ${failed ? 1 : 0}, retry_at = now() + make_interval(secs => ${delaySeconds + quietSeconds})
          where geocoding_id = ${geocodingId} and state = 'pending'
          returning geocoding_id, kind, event_id, traceparent`)
        await appendCommands(tx, rows, delaySeconds, deps.now())
      }),
  }
}

/** Publishes the commands of geocodings again that have not moved: after two minutes at first, doubled up to two hours. */
export function createGeocodingRedriver(deps: { database: Database; now: () => Date }): () => Promise<number> {
  return () =>
    deps.database.transaction(async (tx) => {
      const { rows } = await tx.execute<CommandRow>(sql`
        update locations.geocodings
        set attempts = attempts + 1, retry_at = now() + make_interval(secs => ${quietSeconds} * 2 ^ least(attempts, 6))
        where geocoding_id in (
          select geocoding_id from locations.geocodings where state = 'pending' and retry_at <= now()
          order by retry_at limit ${geocodingsPerRunMax} for update skip locked
        )
        returning geocoding_id, kind, event_id, traceparent`)
      await appendCommands(tx, rows, 0, deps.now())
      return rows.length
    })
}

async function appendCommands(
  tx: Queries,
  rows: readonly CommandRow[],
  delaySeconds: number,
  now: Date,
): Promise<void> {
  for (const { geocoding_id: geocodingId, kind, event_id: eventId, traceparent } of rows) {
    await appendEvent(tx, createGeocodingCommand({ geocodingId, kind, eventId, traceparent }, now), delaySeconds)
  }
}
