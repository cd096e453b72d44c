import type { Fault, FaultContext } from '../fault.ts'
import { atMoments } from '../moments.ts'
import { between, shuffle } from '../random.ts'

type StoredEvent = {
  event: {
    id: string
    type: string
    source: string
    subject?: string
    time?: string
    data: unknown
    extensions: Record<string, string>
  }
}

const copiesMax = 50
const ordersAtOnce = 12
const jobsOfOneInjury = 40

export const f11: Fault = {
  id: 'F11',
  title: 'duplicates',
  how: `orders that exist are published again, 1 to ${copiesMax} copies of each of ${ordersAtOnce} at once, in another order: fresh ones, running ones, and such of jobs that ended long ago; once in ${jobsOfOneInjury} jobs`,
  boundSeconds: 30,
  inject: (context) =>
    atMoments(context, Math.max(3, Math.round(context.load.jobs / jobsOfOneInjury)), async (nth) => {
      const { world, random, injure, complain } = context
      // Newest, oldest and any: what is about to be worked on, and what is long over.
      const order = ['outbox_id desc', 'outbox_id', 'md5(outbox_id::text)'][nth % 3]
      const stored = await world.query<StoredEvent>(
        `select event from events.outbox where event ->> 'type' like '%image.analyze%' order by ${order} limit ${ordersAtOnce}`,
      )
      const copies = stored.flatMap((row) => Array.from({ length: between(random, 1, copiesMax) }, () => row))
      await injure(`${copies.length} duplicates`, async () => {
        const statuses = await Promise.all(shuffle(random, copies).map((row) => publish(context, row)))
        const refused = statuses.filter((status) => status !== 202)
        if (refused.length > 0) complain(`the broker answered ${refused[0]} to ${refused.length} duplicates`)
      })
    }),
  expectations: ({ checked }) =>
    checked.modelCallsPerJob > 1.02 ? [`the model was called ${checked.modelCallsPerJob.toFixed(3)} times a job`] : [],
}

async function publish({ world }: FaultContext, { event }: StoredEvent): Promise<number> {
  const { id, type, source, subject, time, extensions } = event
  const attributes = {
    id,
    type,
    source,
    specversion: '1.0',
    ...(subject && { subject }),
    ...(time && { time }),
    ...extensions,
  }
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]))
  const response = await fetch(world.brokerUrl, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(event.data),
    signal: AbortSignal.timeout(30_000),
  })
  await response.body?.cancel()
  return response.status
}
