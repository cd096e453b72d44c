import { notFound } from '../../_lib/http/errors.ts'
import { encodeCursor } from './cursor.ts'
import { type DeadLetterRow, lengthOf, traceIdIn } from './dead-letter-row.ts'
import type { ListedLetter } from './dead-letters.pg.ts'
import { originalEvent, parseLetter } from './original-event.ts'
import type { Filter, ListQuery } from './request-schemas.ts'

export type InspectDeps = {
  findLetters: (filter: Filter, before: string | undefined, limit: number) => Promise<ListedLetter[]>
  readLetter: (deadLetterId: string) => Promise<DeadLetterRow | undefined>
}

export type DeadLetterItem = Omit<ListedLetter, 'traceparent'> & { trace_id: string | null }

/** One page, the newest first. What arrives meanwhile moves nothing. */
export async function list(deps: InspectDeps, { limit, cursor, ...filter }: ListQuery) {
  // One more than asked for tells whether there is another page.
  const found = await deps.findLetters(filter as Filter, cursor, limit + 1)
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(renderItem),
    next_cursor: found.length > limit && last ? encodeCursor(last.dead_letter_id) : null,
  }
}

/** Everything that is kept of one message. */
export async function inspect(deps: InspectDeps, deadLetterId: string) {
  const letter = await deps.readLetter(deadLetterId)
  if (!letter) throw notFound()
  const { headers, body, ...listed } = letter
  const event = originalEvent(letter)
  return {
    ...renderItem(listed),
    attributes: attributesOf(letter),
    headers,
    body: { ...renderBody(body), size_bytes: lengthOf(letter), cut: lengthOf(letter) > body.byteLength },
    unreplayable: typeof event === 'string' ? event : null,
  }
}

/** The columns by name: what a later migration adds is not handed out by itself. */
export function renderItem(letter: ListedLetter): DeadLetterItem {
  return {
    dead_letter_id: letter.dead_letter_id,
    state: letter.state,
    kind: letter.kind,
    consumer: letter.consumer,
    reason: letter.reason,
    verified: letter.verified,
    event_id: letter.event_id,
    event_source: letter.event_source,
    event_type: letter.event_type,
    queue: letter.queue,
    reported_consumer: letter.reported_consumer,
    trace_id: traceIdIn(letter.traceparent),
    deliveries: letter.deliveries,
    received_at: letter.received_at,
    last_received_at: letter.last_received_at,
    replayed_at: letter.replayed_at,
    replayed_by: letter.replayed_by,
    discarded_at: letter.discarded_at,
    discarded_by: letter.discarded_by,
    closed_at: letter.closed_at,
    closed_reason: letter.closed_reason,
  }
}

/** Of the event inside, or what its headers claim when there is none. */
function attributesOf(letter: DeadLetterRow): Record<string, string> {
  const event = parseLetter(letter)
  if (!event) {
    const claimed = Object.entries(letter.headers).filter(([name]) => name.startsWith('ce-'))
    return Object.fromEntries(claimed.map(([name, value]) => [name.slice('ce-'.length), value]))
  }
  const { data: _, extensions, ...attributes } = event
  const all = Object.entries({ ...attributes, ...extensions })
  return Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

/** Text where it is some, so that a person can read it. */
function renderBody(body: Uint8Array): { encoding: 'text' | 'base64'; content: string } {
  try {
    return { encoding: 'text', content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body) }
  } catch {
    return { encoding: 'base64', content: Buffer.from(body).toString('base64') }
  }
}
