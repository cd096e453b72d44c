import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { pause } from '../../../lib/pause.ts'
import { until } from '../../../lib/until.ts'
import { publish } from '../../actions/publish-stored.ts'
import { roll } from '../../actions/roll.ts'
import type { Fault, FaultContext } from '../../fault.ts'
import { atMoments } from '../../moments.ts'
import { type Worker, workerNames } from '../../world/analysis.ts'
import type { World } from '../../world/world.ts'

const jobsOfOneInjection = 350
const poisonOfOneInjection = 60
/** Four attempts of a command, of 8 s each, and their back-off take 46 s, three of its dead letter 15 s: then it is redelivered. */
const workerFailsMs = 80_000
const poisonSource = '/faults/poison-without-sink'

const brokenVariables = {
  // No server listens on the port: the process runs, and answers 503.
  'cannot work': { DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/nothing' },
  'does not start': { LOG_LEVEL: 'no such level' },
} as const
const waysOfFailing = ['cannot work', 'does not start', 'locked out'] as const
/** Each attempt waits up to 10 s for the lock: 54 s until a command is a dead letter, 30 s more until that is redelivered. */
const lockedMs = 110_000

export const f18: Fault = {
  id: 'F18',
  title: 'dead letter sink unavailable while poison arrives',
  how: `events-dead-letter runs and can reach no database, does not start at all, or finds its table locked for ${lockedMs / 1000} s with that of jobs, in turn, once in ${jobsOfOneInjection} jobs and three times at least: first ${poisonOfOneInjection} events arrive that no function can handle (not where the tables are locked), then the functions of the analysis themselves fail for ${workerFailsMs / 1000} s, so that commands of analyses exhaust their redeliveries and their dead letters are redelivered until they are recorded; only the redriver can repeat the commands`,
  // A lost command is noticed when its job has been quiet for a minute, or for two when it is lost again.
  boundSeconds: 120,
  run: (context) =>
    atMoments(
      context,
      Math.max(waysOfFailing.length, Math.round(context.load.jobs / jobsOfOneInjection)),
      async (nth) => {
        const { world, inject, complain } = context
        const way = waysOfFailing[nth % waysOfFailing.length] ?? 'locked out'
        const before = await countRedelivered(world)
        await inject(`the sink ${way}`, () =>
          way === 'locked out' ? lockTables(world, lockedMs) : withFailingSink(context, brokenVariables[way]),
        ).catch((error: Error) => complain(error.message))
        // Not recorded, and back in the queue that it came from.
        await until(
          'A dead letter that is redelivered',
          async () => (await countRedelivered(world)) > before,
          30_000,
        ).catch((error: Error) => complain(error.message))
      },
    ),
  expectations: async ({ effects, injections }, { world, note }) => {
    const redriven = new Set(effects.effects.filter(({ kind }) => kind === 'redriven').map(({ jobId }) => jobId)).size
    note(`${redriven} jobs were redriven`)
    const poison = await world.query<{ times: number }>(
      `select count(*)::integer as times from events.dead_letters
       where event_source = $1 and last_received_at >= to_timestamp($2::float8 / 1000) group by event_id`,
      [poisonSource, Math.min(...injections.map(({ startedAtMs }) => startedAtMs))],
    )
    const expected = injections.filter(({ what }) => !what.includes('locked')).length * poisonOfOneInjection
    const doubled = poison.filter(({ times }) => times > 1).length
    return [
      ...(redriven < injections.length
        ? ['hardly a command became a dead letter: the sink was not needed while it was unavailable']
        : []),
      ...(poison.length < expected ? [`${expected} events were poison, and ${poison.length} are recorded`] : []),
      ...(doubled > 0 ? [`${doubled} events were recorded twice`] : []),
    ]
  },
}

/** Poison while only the sink fails, and then commands that become dead letters since the worker fails too. */
async function withFailingSink(context: FaultContext, variables: Record<string, string>): Promise<void> {
  const { functions, analysis } = context.world
  const workers = workerNames(analysis)
  const sinkUnavailable = { 'events-dead-letter': variables }
  try {
    await functions.configure(sinkUnavailable)
    await functions.signal('events-dead-letter', 'SIGKILL')
    await publishPoison(context)
    await functions.configure({
      ...sinkUnavailable,
      ...Object.fromEntries(workers.map((name) => [name, brokenVariables['cannot work']])),
    })
    await roll(context, workers)
    await pause(workerFailsMs)
  } finally {
    await functions.configure({})
    for (const name of workers) await functions.signal(name, 'SIGKILL')
    await functions.signal('events-dead-letter', 'SIGKILL')
  }
}

async function countRedelivered({ broker }: World): Promise<number> {
  const stats = await broker.stats()
  return stats['q-dlq']?.deadLettered ?? 0
}

async function lockTables({ postgres }: World, ms: number): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('begin')
    await client.query('lock table waste.jobs, events.dead_letters in access exclusive mode')
    await pause(ms)
    await client.query('rollback')
  } finally {
    await client.end()
  }
}

const poisonsOf = ({ queue, type }: Worker) =>
  [
    { type: `app.growbin.${queue}.no.such.thing.v1`, data: { job_id: randomUUID() } },
    { type: type.replace(/v1$/, 'v9'), data: { job_id: randomUUID() } },
    { type, data: { job_id: 'none' } },
    { type, data: null },
  ].map((event) => ({ ...event, extensions: { queue } }))

/** Resolves when the function that rejected them has recorded all of them. */
async function publishPoison({ world, complain }: FaultContext): Promise<void> {
  const ids: string[] = []
  const poisons = world.analysis.workers.flatMap(poisonsOf)
  for (let sent = 0; sent < poisonOfOneInjection; sent += 1) {
    const poison = poisons[sent % poisons.length]
    if (!poison) break
    const id = randomUUID()
    const status = await publish(world, { id, source: poisonSource, ...poison })
    if (status !== 202) complain(`the broker answered ${status} to a well-formed event`)
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
