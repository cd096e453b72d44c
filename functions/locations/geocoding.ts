import { createHash } from 'node:crypto'
import { apiAddressFindV1 } from '../_contracts/events/api-address-find.v1.ts'
import { apiCoordinatesFindV1 } from '../_contracts/events/api-coordinates-find.v1.ts'
import type { externalCall } from '../_contracts/external-call.ts'
import { eventsOf } from '../_lib/events/event-contract.ts'

const createEvent = eventsOf<typeof externalCall>('jobs-external-call')

export type Coordinates = { lat: number; lng: number }

/** A query to the map service: the address of coordinates (reverse geocoding), or the coordinates of an address (geocoding). */
export type Question = { kind: 'address'; at: Coordinates } | { kind: 'coordinates'; address: string }

/** The answer of the map service: where a place is and its addresses. A place may have no street address. */
export type FoundPlace = Coordinates & { lotAddress: string; roadAddress: string | null }

/** A geocoding as its row holds it; the row keeps the event id, so that each publication of the command has the same id. */
export type Geocoding = { geocodingId: string; kind: Question['kind']; eventId: string; traceparent: string }

/** About 11 m: exact enough for an address, and no more exact about where a person is. */
const decimals = 4
const addressLengthMin = 2
const addressLengthMax = 200

/** Whether coordinates are within the bounds of Korea, 33–39° N and 124–132° E. */
export function isInKorea({ lat, lng }: Coordinates): boolean {
  return lat >= 33 && lat <= 39 && lng >= 124 && lng <= 132
}

/** Normalizes a question before it is stored and sent: rounds coordinates, cleans an address. Undefined when it cannot be in Korea. */
export function normalizeQuestion(question: Question): Question | undefined {
  if (question.kind === 'address') {
    const at = { lat: round(question.at.lat), lng: round(question.at.lng) }
    return isInKorea(at) ? { kind: 'address', at } : undefined
  }
  const address = question.address
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  const { length } = [...address]
  return length >= addressLengthMin && length <= addressLengthMax ? { kind: 'coordinates', address } : undefined
}

/** Returns the key of the answer to a normalized question. An address is hashed, since a person may live there. */
export function questionKeyOf(question: Question): string {
  if (question.kind === 'address') return `at:${question.at.lat.toFixed(decimals)},${question.at.lng.toFixed(decimals)}`
  return `of:${createHash('sha256').update(question.address.toLowerCase()).digest('hex')}`
}

/** Creates the command that answers a question. */
export function createGeocodingCommand({ geocodingId, kind, eventId, traceparent }: Geocoding, time: Date) {
  const header = { id: eventId, subject: geocodingId, time, traceparent }
  const contract = kind === 'address' ? apiAddressFindV1 : apiCoordinatesFindV1
  return createEvent(contract, header, { geocoding_id: geocodingId })
}

const round = (degrees: number) => Math.round(degrees * 10 ** decimals) / 10 ** decimals
