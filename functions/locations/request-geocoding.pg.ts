import { sql } from 'drizzle-orm'
import { appendEvent } from '../_lib/messaging/outbox.pg.ts'
import type { Queries } from '../_lib/stores/database.pg.ts'
import { createGeocodingCommand, normalizeQuestion, type Question, questionKeyOf } from './geocoding.ts'

export type GeocodingRequest = {
  question: Question
  /** The person who asks; null when it is none, such as for an import. */
  ownerId: string | null
  /** What the answer is for, in a word that the caller chooses. */
  purpose: string
  traceparent: string
}

/** Until the redriver publishes the command again. */
const quietSeconds = 120

/**
 * Creates the function that requests a geocoding in the transaction of the caller; the relay publishes the command. It resolves to the
 * id of the geocoding, and to undefined for coordinates outside of Korea or for text that is not an address.
 * No route uses it yet; the tests of `functions/jobs/external-call` do.
 */
export function createGeocodingRequester(deps: { createId: () => string; now: () => Date }) {
  return async (
    tx: Queries,
    { question, ownerId, purpose, traceparent }: GeocodingRequest,
  ): Promise<string | undefined> => {
    const asked = normalizeQuestion(question)
    if (!asked) return undefined
    const geocoding = { geocodingId: deps.createId(), kind: asked.kind, eventId: deps.createId(), traceparent }
    const { lat, lng } = asked.kind === 'address' ? asked.at : { lat: null, lng: null }
    await tx.execute(sql`
      insert into locations.geocodings (geocoding_id, owner_id, purpose, kind, question_key, asked_latitude,
        asked_longitude, asked_address, event_id, traceparent, retry_at)
      values (${geocoding.geocodingId}, ${ownerId}, ${purpose}, ${asked.kind}, ${questionKeyOf(asked)}, ${lat}, ${lng},
        ${asked.kind === 'coordinates' ? asked.address : null}, ${geocoding.eventId}, ${traceparent},
        now() + make_interval(secs => ${quietSeconds}))`)
    await appendEvent(tx, createGeocodingCommand(geocoding, deps.now()), 0)
    return geocoding.geocodingId
  }
}
