import { sql } from 'drizzle-orm'
import { appendEvent } from '../_lib/messaging/outbox.pg.ts'
import type { Queries } from '../_lib/stores/database.pg.ts'
import { normalizeQuestion, orderGeocoding, type Question, questionKeyOf } from './geocoding.ts'

export type OrderedQuestion = {
  question: Question
  /** Null when nobody in particular asks. */
  ownerId: string | null
  /** What the answer is for: a word of the caller's. */
  purpose: string
  traceparent: string
}

const quietSeconds = 120

/**
 * Orders a question to be asked, in the transaction of the caller; the relay sends the event. Resolves to the id under which the
 * answer will be, and to undefined for coordinates outside of Korea or an address that is none.
 * No route orders one yet; the tests of `functions/jobs/external-call` do.
 */
export function createGeocodingOrderer(deps: { createId: () => string; now: () => Date }) {
  return async (
    tx: Queries,
    { question, ownerId, purpose, traceparent }: OrderedQuestion,
  ): Promise<string | undefined> => {
    const asked = normalizeQuestion(question)
    if (!asked) return undefined
    const order = { geocodingId: deps.createId(), kind: asked.kind, eventId: deps.createId(), traceparent }
    const { lat, lng } = asked.kind === 'address' ? asked.at : { lat: null, lng: null }
    await tx.execute(sql`
      insert into locations.geocodings (geocoding_id, owner_id, purpose, kind, question_key, asked_latitude,
        asked_longitude, asked_address, event_id, traceparent, retry_at)
      values (${order.geocodingId}, ${ownerId}, ${purpose}, ${asked.kind}, ${questionKeyOf(asked)}, ${lat}, ${lng},
        ${asked.kind === 'coordinates' ? asked.address : null}, ${order.eventId}, ${traceparent},
        now() + make_interval(secs => ${quietSeconds}))`)
    await appendEvent(tx, orderGeocoding(order, deps.now()), 0)
    return order.geocodingId
  }
}
