import { randomUUID } from 'node:crypto'
import { until } from '../../local/e2e/until.ts'
import type { Fault, FaultContext } from '../fault.ts'
import { atMoments } from '../moments.ts'
import { pause } from '../pause.ts'
import { publish } from './publish-stored.ts'
import { roll } from './roll.ts'

const jobsOfOneInjury = 250
const poisonOfOneInjury = 60
/** Longer than three tries of the dispatcher and their back-off, so that orders of analyses become dead letters. */
const workerSickMs = 12_000
const poisonSource = '/faults/poison-without-sink'

const sick = {
  // Nothing listens on the port: the process runs, and answers 503.
  'cannot work': { DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/nothing' },
  'does not start': { LOG_LEVEL: 'no such level' },
} as const
const waysOfFailing = ['cannot work', 'does not start'] as const

export const f18: Fault = {
  id: 'F18',
  title: 'dead letter sink away while poison arrives',
  how: `events-dead-letter runs and can reach no database, or does not start at all, in turn, once in ${jobsOfOneInjury} jobs and at least twice: first ${poisonOfOneInjury} events arrive that no function can handle, then the worker itself is sick for ${workerSickMs / 1000} s, so that orders of analyses are given up and their dead letters are lost; only the redriver can bring them back`,
  // A lost order is noticed when its job has been quiet for a minute, or for two when it is lost again.
  boundSeconds: 120,
  inject: (context) =>
    atMoments(context, Math.max(2, Math.round(context.load.jobs / jobsOfOneInjury)), async (nth) => {
      const { world, injure, complain } = context
      const way = waysOfFailing[nth % waysOfFailing.length] ?? 'cannot work'
      const sinkAway = { 'events-dead-letter': sick[way] }
      await injure(`the sink ${way}`, async () => {
        try {
          await world.functions.configure(sinkAway)
          await world.functions.signal('events-dead-letter', 'SIGKILL')
          await publishPoison(context)
          await world.functions.configure({ ...sinkAway, 'waste-ai-analyze': sick['cannot work'] })
          await roll(context, ['waste-ai-analyze'])
          await pause(workerSickMs)
        } finally {
          await world.functions.configure({})
          await world.functions.signal('waste-ai-analyze', 'SIGKILL')
          await world.functions.signal('events-dead-letter', 'SIGKILL')
        }
      }).catch((error: Error) => complain(error.message))
    }),
  expectations: async ({ effects, injuries }, { world, note }) => {
    const redriven = effects.jobs.filter(({ redrives }) => redrives > 0).length
    note(`${redriven} jobs were ordered again by the redriver`)
    const poison = await world.query<{ times: number }>(
      `select count(*)::integer as times from events.dead_letters where event_source = $1 group by event_id`,
      [poisonSource],
    )
    const doubled = poison.filter(({ times }) => times > 1).length
    return [
      ...(redriven < injuries.length ? ['hardly an order was lost: the sink was not needed while it was away'] : []),
      ...(poison.length < injuries.length * poisonOfOneInjury
        ? [`${injuries.length * poisonOfOneInjury} events were poison, and ${poison.length} are recorded`]
        : []),
      ...(doubled > 0 ? [`${doubled} events were recorded twice`] : []),
    ]
  },
}

const poisons = [
  { type: 'app.growbin.ai.no.such.thing.v1', data: { job_id: randomUUID() } },
  { type: 'app.growbin.ai.image.analyze.v9', data: { job_id: randomUUID() } },
  { type: 'app.growbin.ai.image.analyze.v1', data: { job_id: 'none' } },
  { type: 'app.growbin.ai.image.analyze.v1', data: null },
] as const

/** Resolves when all of it is recorded by the function that refused it. */
async function publishPoison({ world, complain }: FaultContext): Promise<void> {
  const ids: string[] = []
  for (let sent = 0; sent < poisonOfOneInjury; sent += 1) {
    const poison = poisons[sent % poisons.length] ?? poisons[0]
    const id = randomUUID()
    const status = await publish(world, { id, source: poisonSource, extensions: { queue: 'ai' }, ...poison })
    if (status !== 202) complain(`the broker answered ${status} to an event that is well-formed`)
    else ids.push(id)
  }
  await until(
    'The record of every poison event',
    async () => {
      const [row] = await world.query<{ count: number }>(
        'select count(distinct event_id)::integer as count from events.dead_letters where event_id = any($1)',
        [ids],
      )
      return row?.count === ids.length
    },
    60_000,
  )
}
