import { CloudEventFormatError, type JsonCloudEvent, parseCloudEvent } from '../../_lib/events/cloud-event.ts'
import type { VerifyEvent } from '../../_lib/events/event-signature.ts'
import type { RecordDeadLetter } from '../../_lib/messaging/dead-letters.pg.ts'
import { findOrigin } from './find-origin.ts'

export type DeadLetterDeps = { archiveDeadLetter: RecordDeadLetter; verify: VerifyEvent }

/**
 * Archives a message that a queue gave up on, malformed or not, and records whether its signature is valid: any pod that can
 * reach this one can post something that looks like a dead letter. The job itself is not changed.
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
