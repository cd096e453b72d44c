import { createHash } from 'node:crypto'
import { apiAddressFindV1 } from '../_contracts/api-address-find.v1.ts'
import { apiCoordinatesFindV1 } from '../_contracts/api-coordinates-find.v1.ts'
import { createEvent } from '../_lib/events/event-contract.ts'

export type Coordinates = { lat: number; lng: number }

/** What is asked of the map service. */
export type Question = { kind: 'address'; at: Coordinates } | { kind: 'coordinates'; address: string }

/** What it knows: of a place, where it is and what it is called. A place may have no address by street. */
export type FoundPlace = Coordinates & { lotAddress: string; roadAddress: string | null }

export type GeocodingOrder = { geocodingId: string; kind: Question['kind']; eventId: string; traceparent: string }

/** About 11 m: near enough for an address, and no nearer than it has to be to where a person is. */
const decimals = 4
const addressLengthMin = 2
const addressLengthMax = 200

/** With what lies outside of Korea nothing can be done here. */
export function isInKorea({ lat, lng }: Coordinates): boolean {
  return lat >= 33 && lat <= 39 && lng >= 124 && lng <= 132
}

/** The question as it is kept and asked; undefined when nothing sensible is asked. */
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

/** The same for the same question. An address is hashed, since it may be where a person lives. */
export function questionKeyOf(question: Question): string {
  if (question.kind === 'address') return `at:${question.at.lat.toFixed(decimals)},${question.at.lng.toFixed(decimals)}`
  return `of:${createHash('sha256').update(question.address.toLowerCase()).digest('hex')}`
}

/** The event that orders a question to be asked, under the same id however often it is sent. */
export function orderGeocoding({ geocodingId, kind, eventId, traceparent }: GeocodingOrder, time: Date) {
  const header = { id: eventId, source: '/growbin/jobs-external-call', subject: geocodingId, time, traceparent }
  const contract = kind === 'address' ? apiAddressFindV1 : apiCoordinatesFindV1
  return createEvent(contract, header, { geocoding_id: geocodingId })
}

const round = (degrees: number) => Math.round(degrees * 10 ** decimals) / 10 ** decimals
