import { createHash } from 'node:crypto'
import { createUuidV7 } from '../http/uuid.ts'
import type { Database } from '../stores/database.pg.ts'
import { deadLetters } from './events-schema.ts'

export type DeadLetter = {
  consumer: string
  kind: 'rejected' | 'dead_letter'
  reason: string
  /** Whom the dispatcher named; the consumer itself records what it rejects. */
  reportedConsumer?: string | undefined
  headers: Headers
  body: Uint8Array
  /** Whether it came from somebody who may send it: anybody who reaches a pod can post what is not. */
  verified: boolean
}

/** Resolves to whether the message is kept: of what is not verified only so much is, and the rest is counted by metrics alone. */
export type RecordDeadLetter = (deadLetter: DeadLetter) => Promise<boolean>

const bodyBytesMax = 65_536
const unverifiedBodyBytesMax = 4_096
const unverifiedHeaderCharactersMax = 4_096
const keptHeaders = /^(?:ce-|content-type$|content-length$|user-agent$)/

/** Of one consumer, in all its instances: enough to see what comes, and 12 MB a day at most. */
export const unverifiedPerHourMax = 100
const hourMs = 3_600_000

/** The row of a message that cannot be handled: without credentials, and with its body cut to 64 KiB. */
export function toDeadLetterRow({ consumer, kind, reason, reportedConsumer, headers, body, verified }: DeadLetter) {
  return {
    deadLetterId: createUuidV7(),
    consumer,
    kind,
    reason,
    verified,
    eventId: headers.get('ce-id'),
    eventSource: headers.get('ce-source'),
    eventType: headers.get('ce-type'),
    queue: headers.get('ce-queue'),
    reportedConsumer: reportedConsumer ?? null,
    headers: Object.fromEntries([...headers].filter(([name]) => keptHeaders.test(name))),
    body: body.subarray(0, bodyBytesMax),
    traceparent: headers.get('traceparent') ?? headers.get('ce-traceparent'),
  }
}

/**
 * Keeps a message that cannot be handled, so that nothing is acknowledged without a trace. Resolves to false for
 * one whose signature is not good and for which there is no room. Throws what the database throws; `now` is milliseconds since 1970.
 */
export function createDeadLetterRecorder(database: Database, now: () => number = Date.now): RecordDeadLetter {
  const recordUnverified = createUnverifiedRecorder(database, now)
  return async (deadLetter) => {
    if (!deadLetter.verified) return recordUnverified(deadLetter)
    await database.run((db) => db.insert(deadLetters).values(toDeadLetterRow(deadLetter)))
    return true
  }
}

/**
 * Keeps up to `unverifiedPerHourMax` messages without a good signature of each consumer and hour, and drops the rest. Each has a place, and
 * the place gives its key, so PostgreSQL decides between instances; once an instance has found all places taken it asks no more until
 * the next hour. Throws what the database throws.
 */
export function createUnverifiedRecorder(database: Database, now: () => number = Date.now): RecordDeadLetter {
  let hour = 0
  let next = 0
  return async (deadLetter) => {
    const thisHour = Math.floor(now() / hourMs)
    if (thisHour !== hour) [hour, next] = [thisHour, 0]
    // Places that other instances have filled are passed over in growing steps.
    for (let step = 1; next < unverifiedPerHourMax; step *= 2) {
      const place = next
      next += step
      try {
        const row = toUnverifiedRow(deadLetter, placeId(ownerOf(deadLetter), thisHour, place))
        const { rowCount } = await database.run((db) => db.insert(deadLetters).values(row).onConflictDoNothing())
        if (rowCount === 1) return true
      } catch (error) {
        // The place is free for the next delivery.
        next = Math.min(next, place)
        throw error
      }
    }
    return false
  }
}

/** Much less of the message than of one that can be trusted. */
function toUnverifiedRow(deadLetter: DeadLetter, deadLetterId: string) {
  const row = toDeadLetterRow({ ...deadLetter, body: deadLetter.body.subarray(0, unverifiedBodyBytesMax) })
  let charactersLeft = unverifiedHeaderCharactersMax
  const headers = Object.entries(row.headers).filter(([name, value]) => {
    charactersLeft -= name.length + value.length
    return charactersLeft >= 0
  })
  const cut = (text: string | null) => text?.slice(0, 256) ?? null
  return {
    ...row,
    deadLetterId,
    consumer: row.consumer.slice(0, 256),
    reportedConsumer: cut(row.reportedConsumer ?? null),
    queue: cut(row.queue),
    eventId: cut(row.eventId),
    eventSource: cut(row.eventSource),
    eventType: cut(row.eventType),
    traceparent: cut(row.traceparent),
    headers: Object.fromEntries(headers),
  }
}

/** Whom a dead letter names as its consumer is not to be trusted either. */
const ownerOf = ({ kind, consumer }: DeadLetter) => (kind === 'dead_letter' ? kind : consumer)

/** In the form of a UUIDv7 of that hour, so that rows stay in the order of their time. */
function placeId(owner: string, hour: number, place: number): string {
  const bytes = createHash('sha256').update(`${owner}/${hour}/${place}`).digest()
  return createUuidV7(() => hour * hourMs + place, bytes)
}
