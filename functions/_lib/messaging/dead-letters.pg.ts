import { createHash } from 'node:crypto'
import { createUuidV7 } from '../http/uuid.ts'
import type { Database } from '../stores/database.pg.ts'
import { deadLetters } from './events-schema.ts'

export type DeadLetter = {
  consumer: string
  kind: 'rejected' | 'dead_letter'
  reason: string
  /** The consumer that the dispatcher named; undefined for a message that the consumer itself rejects. */
  reportedConsumer?: string | undefined
  headers: Headers
  body: Uint8Array
  /** Whether its signature is valid: any client that reaches a pod can post a message without one. */
  verified: boolean
}

/** Resolves to whether the message is stored: unverified messages only up to a number, beyond which they are counted in metrics. */
export type RecordDeadLetter = (deadLetter: DeadLetter) => Promise<boolean>

const bodyBytesMax = 65_536
const unverifiedBodyBytesMax = 4_096
const unverifiedHeaderCharactersMax = 4_096
const keptHeaders = /^(?:ce-|content-type$|content-length$|user-agent$)/

/** Stored unverified messages of one consumer, in all its instances: enough to inspect an attack, and at most 12 MB a day. */
export const unverifiedPerHourMax = 100
const hourMs = 3_600_000

/** The row of a dead letter: a new id, the headers that hold no credentials, and the body cut to 64 KiB. */
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
 * A recorder of dead letters, which are stored before their message is acknowledged. It stores every verified message, and unverified
 * ones as `createUnverifiedRecorder` does. It throws what the database throws. `now` returns milliseconds since 1970.
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
 * A recorder that stores up to `unverifiedPerHourMax` messages without a valid signature for each consumer and hour, and resolves to
 * false for the rest. The number of a message within the hour determines its primary key, so instances cannot exceed the limit
 * together; an instance that has found all numbers used does not query again until the next hour. It throws what the database throws.
 */
export function createUnverifiedRecorder(database: Database, now: () => number = Date.now): RecordDeadLetter {
  let hour = 0
  let next = 0
  return async (deadLetter) => {
    const thisHour = Math.floor(now() / hourMs)
    if (thisHour !== hour) [hour, next] = [thisHour, 0]
    // Numbers that other instances have used are skipped in growing steps.
    for (let step = 1; next < unverifiedPerHourMax; step *= 2) {
      const place = next
      next += step
      try {
        const row = toUnverifiedRow(deadLetter, placeId(ownerOf(deadLetter), thisHour, place))
        const { rowCount } = await database.run((db) => db.insert(deadLetters).values(row).onConflictDoNothing())
        if (rowCount === 1) return true
      } catch (error) {
        // The next delivery may use the number.
        next = Math.min(next, place)
        throw error
      }
    }
    return false
  }
}

/** Stores less of an unverified message: 4 KiB of its body, and 4096 characters of its headers. */
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

/** An unverified dead letter can name any consumer, so all of them share one limit. */
const ownerOf = ({ kind, consumer }: DeadLetter) => (kind === 'dead_letter' ? kind : consumer)

/** A UUIDv7 of that hour, so that ids stay ordered by time. */
function placeId(owner: string, hour: number, place: number): string {
  const bytes = createHash('sha256').update(`${owner}/${hour}/${place}`).digest()
  return createUuidV7(() => hour * hourMs + place, bytes)
}
