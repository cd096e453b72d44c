import { notFound } from '../../_lib/http/errors.ts'
import { encodeCursor } from './cursor.ts'
import { type DeadLetterRow, lengthOf, traceIdIn } from './dead-letter-row.ts'
import type { ListedDeadLetter } from './dead-letters.pg.ts'
import { originalEvent, parseEventOf } from './original-event.ts'
import type { Filter, ListQuery } from './request-schemas.ts'

export type InspectDeps = {
  findDeadLetters: (filter: Filter, before: string | undefined, limit: number) => Promise<ListedDeadLetter[]>
  readDeadLetter: (deadLetterId: string) => Promise<DeadLetterRow | undefined>
}

export type DeadLetterItem = Omit<ListedDeadLetter, 'traceparent'> & { trace_id: string | null }

/** Lists one page, newest first. New arrivals do not shift the pages. */
export async function list(deps: InspectDeps, { limit, cursor, ...filter }: ListQuery) {
  // One row more than the limit shows whether there is another page.
  const found = await deps.findDeadLetters(filter as Filter, cursor, limit + 1)
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(renderItem),
    next_cursor: found.length > limit && last ? encodeCursor(last.dead_letter_id) : null,
  }
}

/** Returns everything that is stored of one dead letter. Throws `not_found`. */
export async function inspect(deps: InspectDeps, deadLetterId: string) {
  const deadLetter = await deps.readDeadLetter(deadLetterId)
  if (!deadLetter) throw notFound()
  const { headers, body, ...listed } = deadLetter
  const event = originalEvent(deadLetter)
  return {
    ...renderItem(listed),
    attributes: attributesOf(deadLetter),
    headers,
    body: { ...renderBody(body), size_bytes: lengthOf(deadLetter), cut: lengthOf(deadLetter) > body.byteLength },
    unreplayable: typeof event === 'string' ? event : null,
  }
}

/** Renders a row column by column, so that a column of a later migration is not exposed by accident. */
export function renderItem(deadLetter: ListedDeadLetter): DeadLetterItem {
  return {
    dead_letter_id: deadLetter.dead_letter_id,
    state: deadLetter.state,
    kind: deadLetter.kind,
    consumer: deadLetter.consumer,
    reason: deadLetter.reason,
    verified: deadLetter.verified,
    event_id: deadLetter.event_id,
    event_source: deadLetter.event_source,
    event_type: deadLetter.event_type,
    queue: deadLetter.queue,
    reported_consumer: deadLetter.reported_consumer,
    trace_id: traceIdIn(deadLetter.traceparent),
    deliveries: deadLetter.deliveries,
    received_at: deadLetter.received_at,
    last_received_at: deadLetter.last_received_at,
    replayed_at: deadLetter.replayed_at,
    replayed_by: deadLetter.replayed_by,
    discarded_at: deadLetter.discarded_at,
    discarded_by: deadLetter.discarded_by,
    closed_at: deadLetter.closed_at,
    closed_reason: deadLetter.closed_reason,
  }
}

/** The attributes of the event, or those that its headers claim when it cannot be parsed. */
function attributesOf(deadLetter: DeadLetterRow): Record<string, string> {
  const event = parseEventOf(deadLetter)
  if (!event) {
    const claimed = Object.entries(deadLetter.headers).filter(([name]) => name.startsWith('ce-'))
    return Object.fromEntries(claimed.map(([name, value]) => [name.slice('ce-'.length), value]))
  }
  const { data: _, extensions, ...attributes } = event
  const all = Object.entries({ ...attributes, ...extensions })
  return Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

/** UTF-8 is shown as text, anything else as base64. */
function renderBody(body: Uint8Array): { encoding: 'text' | 'base64'; content: string } {
  try {
    return { encoding: 'text', content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body) }
  } catch {
    return { encoding: 'base64', content: Buffer.from(body).toString('base64') }
  }
}
