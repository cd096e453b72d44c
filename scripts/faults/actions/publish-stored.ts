import { type JsonCloudEvent, toBinaryMessage } from '../../../functions/_lib/events/cloud-event.ts'
import { stepEventId } from '../../../functions/waste/analysis-step.ts'
import type { Analysis } from '../world/analysis.ts'
import type { World } from '../world/world.ts'

/** An event as stored in the outbox. */
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

/** Which events of the outbox: the newest, the oldest, or any. */
const ranks = { newest: 'outbox_id desc', oldest: 'outbox_id', any: 'md5(outbox_id::text)' } as const
export type CommandRank = keyof typeof ranks

/** Commands to analyse, each with the commands of the steps that follow, whether the job has reached them or not. */
export async function findEvents(
  { query, analysis }: World,
  commandsMax: number,
  rank: CommandRank = 'newest',
): Promise<StoredEvent[]> {
  const rows = await query<{ event: StoredEvent }>(
    `select event from events.outbox where event ->> 'type' = $1 order by ${ranks[rank]} limit $2`,
    [analysis.workers[0].type, commandsMax],
  )
  return rows.flatMap(({ event }) => eventsOf(analysis, event))
}

/** The commands for each worker of an analysis, as their producers make them. */
export function eventsOf({ workers }: Analysis, command: StoredEvent): StoredEvent[] {
  return workers.map(({ step, type, queue }, nth) => {
    const producer = workers[nth - 1]
    if (!producer || !step || command.subject === undefined) return command
    const id = stepEventId(command.subject, step)
    const source = `/growbin/${producer.name}`
    return { ...command, id, type, source, extensions: { ...command.extensions, queue } }
  })
}

/** Posts an event in binary mode, as our functions do. Returns the status. */
export function publish(world: World, event: StoredEvent): Promise<number> {
  const { headers, body } = toBinaryMessage(signed(world, event))
  return post(world, headers, body)
}

/** Posts an event in structured mode, as other programs do. */
export function publishStructured(world: World, event: StoredEvent): Promise<number> {
  const { extensions, ...attributes } = signed(world, event)
  return post(
    world,
    { 'content-type': 'application/cloudevents+json' },
    JSON.stringify({ ...attributes, ...extensions }),
  )
}

/** A broker adds a time to an event without one, which invalidates the signature. */
const signed = ({ sign }: World, event: StoredEvent): JsonCloudEvent =>
  sign({ datacontenttype: 'application/json', time: new Date().toISOString(), ...event, specversion: '1.0' })

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
