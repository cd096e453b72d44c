import { CloudEventFormatError, type JsonCloudEvent, parseCloudEvent } from '../../_lib/events/cloud-event.ts'
import { withSignedAttributes } from '../../_lib/events/event-signature.ts'
import { queueNames } from '../../_lib/process/function-spec.ts'
import { type DeadLetterRow, lengthOf } from './dead-letter-row.ts'

/** Why a dead letter cannot be sent again. */
export type Unreplayable =
  | 'dead_letter_rejected'
  | 'dead_letter_malformed'
  | 'dead_letter_unverified'
  | 'dead_letter_unroutable'

// Every other value of `queue` matches no trigger of the main broker, which would take the event and forget it.
const replayedQueues = new Set<string>(queueNames.filter((queue) => queue !== 'dlq'))

/** `jsonb` takes neither a zero character nor half of a surrogate pair (PostgreSQL 17, 8.14), and JSON may hold both. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/

/** The event that failed, as its producer signed it: without what the dispatcher added about the failure. The relay signs it anew. */
export function originalEvent(letter: DeadLetterRow): JsonCloudEvent | Unreplayable {
  // The consumer has decided about this event, and would decide the same again.
  if (letter.kind === 'rejected') return 'dead_letter_rejected'
  const event = parseLetter(letter)
  if (!event) return 'dead_letter_malformed'
  // The relay would sign what nobody may have sent.
  if (!letter.verified) return 'dead_letter_unverified'
  return replayedQueues.has(event.extensions.queue ?? '') ? withSignedAttributes(event) : 'dead_letter_unroutable'
}

/** Undefined when there is no whole event inside. */
export function parseLetter(letter: Pick<DeadLetterRow, 'headers' | 'body'>): JsonCloudEvent | undefined {
  if (lengthOf(letter) > letter.body.byteLength) return undefined
  try {
    const event = parseCloudEvent(new Headers(letter.headers), letter.body)
    return unstorable.test(JSON.stringify(event.data ?? null)) ? undefined : event
  } catch (error) {
    if (error instanceof CloudEventFormatError) return undefined
    throw error
  }
}
