import { traceIdOf } from '../../_lib/events/trace.ts'

/** A row of `events.dead_letters`. Times are RFC 3339, UTC. */
export type DeadLetterRow = {
  dead_letter_id: string
  consumer: string
  kind: 'rejected' | 'dead_letter'
  reason: string
  /** Whether the event had a valid signature when it arrived. */
  verified: boolean
  event_id: string | null
  event_source: string | null
  event_type: string | null
  queue: string | null
  reported_consumer: string | null
  headers: Record<string, string>
  body: Uint8Array
  traceparent: string | null
  state: DeadLetterState
  deliveries: number
  received_at: string
  last_received_at: string
  replayed_at: string | null
  replayed_by: string | null
  discarded_at: string | null
  discarded_by: string | null
  closed_at: string | null
  closed_reason: string | null
}

export const deadLetterStates = ['open', 'replayed', 'discarded', 'closed'] as const
export type DeadLetterState = (typeof deadLetterStates)[number]

export const deadLetterKinds = ['rejected', 'dead_letter'] as const

/** Returns the length of the original message in bytes; more than the stored body when that was truncated. */
export function lengthOf({ headers, body }: Pick<DeadLetterRow, 'headers' | 'body'>): number {
  const announced = Number(headers['content-length'] ?? Number.NaN)
  return Number.isSafeInteger(announced) && announced > body.byteLength ? announced : body.byteLength
}

/** Returns the trace id of a `traceparent`; null when there is none or it is malformed. */
export const traceIdIn = (traceparent: string | null): string | null =>
  traceparent !== null && /^[0-9a-f]{2}-[0-9a-f]{32}-/.test(traceparent) ? traceIdOf(traceparent) : null
