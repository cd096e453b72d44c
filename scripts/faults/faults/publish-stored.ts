import type { World } from '../world/world.ts'

/** An event as the outbox keeps it. */
export type StoredEvent = {
  id: string
  type: string
  source: string
  subject?: string
  time?: string
  datacontenttype?: string
  data: unknown
  extensions: Record<string, string>
}

const publishTimeoutMs = 30_000

/** Orders of analyses, the newest first. */
export async function findOrders({ query }: World, ordersMax: number): Promise<StoredEvent[]> {
  const rows = await query<{ event: StoredEvent }>(
    `select event from events.outbox where event ->> 'type' like '%image.analyze%' order by outbox_id desc limit $1`,
    [ordersMax],
  )
  return rows.map(({ event }) => event)
}

/** Posts an event in binary mode, as our own functions do, and gives the status. */
export function publish(
  world: World,
  { data, extensions, datacontenttype, ...attributes }: StoredEvent,
): Promise<number> {
  const headers = Object.entries({ specversion: '1.0', ...attributes, ...extensions }).map(
    ([name, value]) => [`ce-${name}`, String(value)] as const,
  )
  return post(
    world,
    { ...Object.fromEntries(headers), 'content-type': datacontenttype ?? 'application/json' },
    JSON.stringify(data),
  )
}

/** Posts an event in structured mode, as other programs do. */
export function publishStructured(world: World, { data, extensions, ...attributes }: StoredEvent): Promise<number> {
  const event = { specversion: '1.0', ...attributes, ...extensions, datacontenttype: 'application/json', data }
  return post(world, { 'content-type': 'application/cloudevents+json' }, JSON.stringify(event))
}

export async function post(
  { brokerUrl }: Pick<World, 'brokerUrl'>,
  headers: Record<string, string>,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<number> {
  const response = await fetch(brokerUrl, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(publishTimeoutMs),
  })
  await response.body?.cancel()
  return response.status
}
