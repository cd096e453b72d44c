import { CloudEventFormatError, type JsonCloudEvent, parseCloudEvent } from '../../_lib/events/cloud-event.ts'
import type { VerifyEvent } from '../../_lib/events/event-signature.ts'
import type { RecordDeadLetter } from '../../_lib/messaging/dead-letters.pg.ts'
import { findOrigin } from './find-origin.ts'

export type DeadLetterDeps = { archiveDeadLetter: RecordDeadLetter; verify: VerifyEvent }

/**
 * Archives a message that a queue gave up on, whatever it holds: here nothing is malformed. Says whether it was validly signed,
 * since anybody who reaches the pod can post what looks like a dead letter. It ends no work.
 */
export async function deadLetter(deps: DeadLetterDeps, input: { headers: Headers; body: Uint8Array }): Promise<void> {
  const event = parseEvent(input)
  await deps.archiveDeadLetter({
    ...findOrigin(input.headers),
    kind: 'dead_letter',
    headers: input.headers,
    body: input.body,
    verified: event !== undefined && deps.verify(event) === 'valid',
  })
}

function parseEvent({ headers, body }: { headers: Headers; body: Uint8Array }): JsonCloudEvent | undefined {
  try {
    return parseCloudEvent(headers, body)
  } catch (error) {
    if (error instanceof CloudEventFormatError) return undefined
    throw error
  }
}
