import { queueNames } from '../../_contracts/queues.ts'
import { CloudEventFormatError, type JsonCloudEvent, parseCloudEvent } from '../../_lib/events/cloud-event.ts'
import { withSignedAttributes } from '../../_lib/events/event-signature.ts'
import { type DeadLetterRow, lengthOf } from './dead-letter-row.ts'

/** Why a dead letter cannot be replayed. */
export type Unreplayable =
  | 'dead_letter_rejected'
  | 'dead_letter_malformed'
  | 'dead_letter_unverified'
  | 'dead_letter_unroutable'

// No trigger of the main broker matches any other value of `queue`, so the broker would accept and drop the event.
const replayedQueues = new Set<string>(queueNames.filter((queue) => queue !== 'dlq'))

/** `jsonb` rejects NUL and half of a surrogate pair (PostgreSQL 17, 8.14), which JSON may contain. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/

/** Returns the event without the attributes that the dispatcher added, or why it cannot be replayed. The relay signs it again. */
export function originalEvent(deadLetter: DeadLetterRow): JsonCloudEvent | Unreplayable {
  // The consumer rejected this event and would reject it again.
  if (deadLetter.kind === 'rejected') return 'dead_letter_rejected'
  const event = parseEventOf(deadLetter)
  if (!event) return 'dead_letter_malformed'
  // The relay would put our signature on an event of unknown origin.
  if (!deadLetter.verified) return 'dead_letter_unverified'
  return replayedQueues.has(event.extensions.queue ?? '') ? withSignedAttributes(event) : 'dead_letter_unroutable'
}

/** Parses the event of a dead letter; undefined when the body is truncated or is no event. */
export function parseEventOf(deadLetter: Pick<DeadLetterRow, 'headers' | 'body'>): JsonCloudEvent | undefined {
  if (lengthOf(deadLetter) > deadLetter.body.byteLength) return undefined
  try {
    const event = parseCloudEvent(new Headers(deadLetter.headers), deadLetter.body)
    return unstorable.test(JSON.stringify(event.data ?? null)) ? undefined : event
  } catch (error) {
    if (error instanceof CloudEventFormatError) return undefined
    throw error
  }
}
