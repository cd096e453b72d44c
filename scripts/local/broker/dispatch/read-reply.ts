import { type CloudEvent, toCloudEvent } from '../codec/cloud-event.ts'
import { claimsCloudEvent, readMessage } from '../codec/http-codec.ts'
import type { PostOutcome } from './http-post.ts'

export type Answer = Extract<PostOutcome, { kind: 'answered' }>

/**
 * How the dispatcher reads an answer. `lost`: it cannot be read, and the dispatcher treats it as no reply. `unsendable`: it can be
 * read, but is refused when it is sent, which dead-letters the event that it answers.
 */
export type Reply =
  | { kind: 'none' }
  | { kind: 'event'; event: CloudEvent }
  | { kind: 'lost' | 'unsendable'; reason: string }

/** Reads the reply to `to` as the Go client does, which generates a missing id and puts the reply into the trace of the event. */
export function readReply({ rawHeaders, body }: Answer, to: CloudEvent, newId: () => string): Reply {
  if (!claimsCloudEvent(rawHeaders)) return { kind: 'none' }
  if (body === undefined) return { kind: 'lost', reason: 'the answer did not come whole' }
  try {
    const { mode, attributes, data } = readMessage(rawHeaders, body)
    if (mode === 'binary' && attributes.get('id') === '') return { kind: 'lost', reason: 'Header "ce-id" is empty.' }
    if (!attributes.get('id')) attributes.set('id', newId())
    const missing = ['source', 'type'].filter((name) => (attributes.get(name) ?? '') === '')
    // Decoded first: a reply that cannot be read is lost before it could be refused.
    const event = toCloudEvent(new Map([...attributes, ...missing.map((name) => [name, '/'] as const)]), data, to)
    if (missing.length > 0) return { kind: 'unsendable', reason: `the reply has no ${missing.join(' and no ')}` }
    return { kind: 'event', event }
  } catch (error) {
    return { kind: 'lost', reason: error instanceof Error ? error.message : String(error) }
  }
}
