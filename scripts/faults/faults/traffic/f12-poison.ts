import { unverifiedPerHourMax } from '../../../../functions/_lib/messaging/dead-letters.pg.ts'
import { pause } from '../../../lib/pause.ts'
import { until } from '../../../lib/until.ts'
import { signMessage } from '../../../local/platform/environment/sign-message.ts'
import { drawPoison, type Poison } from '../../actions/poison-events.ts'
import { publish } from '../../actions/publish-stored.ts'
import { isAlive } from '../../actions/roll.ts'
import type { Fault, FaultContext, FaultOutcome } from '../../fault.ts'
import { atMoments } from '../../moments.ts'
import { quantileOf } from '../../report/summarise.ts'
import type { Worker } from '../../world/analysis.ts'
import type { World } from '../../world/world.ts'

const poisonOfOneJob = 10
const atOnce = 8
const postTimeoutMs = 30_000
const attemptsMax = 5
const retryMs = 1_000
const shareThroughBroker = 0.3

type Consumer = Pick<Worker, 'name' | 'queue' | 'type'>

/** The last two have no invalid data that could not be a valid command by chance. */
const otherConsumers: readonly Consumer[] = [
  { name: 'jobs-external-call', queue: 'api', type: 'app.growbin.api.profile.sync.v1' },
  { name: 'jobs-scheduled-cleanup', queue: 'sched', type: 'app.growbin.sched.no.such.task.v1' },
  { name: 'jobs-batch-aggregate', queue: 'batch', type: 'app.growbin.batch.no.such.task.v1' },
]
const consumersOf = ({ analysis }: World): readonly Consumer[] => [...analysis.workers, ...otherConsumers]

// A redelivery is another row under the same id. An event in structured mode has none.
const countRejected = `select count(distinct coalesce(event_id, dead_letter_id::text))::integer as count
  from events.dead_letters where kind = 'rejected' and verified`
const countUnverified = 'select count(*)::integer as count from events.dead_letters where not verified'
const expectedTable = 'faults_audit.poison'

export const f12: Fault = {
  id: 'F12',
  title: 'poison',
  how: `${poisonOfOneJob} fuzzed events for each analysis (wrong JSON, UTF-8, types, versions, attributes, nesting, a megabyte), ${atOnce} at once, ${shareThroughBroker * 100} % of them through the broker and the others straight to the functions of the analysis, ${otherConsumers.map(({ name }) => name).join(', ')}`,
  boundSeconds: 30,
  world: {},
  prepare: async ({ world }) => {
    await world.query(`create table if not exists ${expectedTable} (recorded integer not null)`)
    await world.query(
      `insert into ${expectedTable} select count(*) from events.dead_letters where kind = 'rejected' and verified`,
    )
  },
  run: (context) =>
    atMoments(context, 1, async () => {
      const { world, inject, load, complain, note } = context
      const awake = await wake(context)
      let recorded = awake.poison
      const counts = new Map<string, number>()
      await inject('poison', async () => {
        const numbers = Array.from({ length: load.jobs * poisonOfOneJob }, (_, nth) => nth).values()
        const inTurn = async () => {
          for (const nth of numbers) {
            const outcome = await sendOne(context, nth)
            recorded += outcome.isRecorded ? 1 : 0
            counts.set(outcome.answer, (counts.get(outcome.answer) ?? 0) + 1)
            if (outcome.complaint) complain(outcome.complaint)
          }
        }
        await Promise.all(Array.from({ length: atOnce }, inTurn))
      })
      const gone = awake.processIds.filter((processId) => !isAlive(processId))
      if (gone.length > 0) complain(`${gone.length} processes died of the poison`)
      note([...counts].map(([answer, count]) => `${count} × ${answer}`).join(', '))
      await world.query(`update ${expectedTable} set recorded = recorded + $1`, [recorded])
    }),
  expectations: async (outcome, { world, note }) => {
    const [expected] = await world.query<{ count: number }>(
      `select sum(recorded)::integer as count from ${expectedTable}`,
    )
    const [found] = await world.query<{ count: number }>(countRejected)
    await world.query(`delete from ${expectedTable}`)
    note(describeGoodTraffic(outcome))
    const [unverified] = await world.query<{ count: number }>(countUnverified)
    const unverifiedMax = 2 * unverifiedPerHourMax * consumersOf(world).length
    const given = outcome.effects.deadLetters.filter(({ kind }) => kind === 'dead_letter').length
    return [
      ...(expected?.count === found?.count
        ? []
        : [`${expected?.count} events should be recorded as poison, and ${found?.count} are`]),
      ...((unverified?.count ?? 0) > unverifiedMax
        ? [`${unverified?.count} messages without a signature are kept, expected ${unverifiedMax} at most`]
        : []),
      ...(given > 0 ? [`${given} events exhausted their redeliveries, expected none`] : []),
    ]
  },
}

/** Starts a process of each consumer. */
async function wake({ world, random }: FaultContext): Promise<{ processIds: number[]; poison: number }> {
  const processIds: number[] = []
  for (const consumer of consumersOf(world)) {
    const event = { id: `wake-${consumer.queue}-${random()}`, source: '/faults/fuzzer', data: {} }
    await publish(world, { ...event, type: 'app.growbin.nothing.v1', extensions: { queue: consumer.queue } })
    const instances = await until(
      `A process of ${consumer.name}`,
      async () => {
        const found = await world.functions.instancesOf(consumer.name)
        return found.length > 0 ? found : undefined
      },
      60_000,
    )
    processIds.push(...instances.map(({ processId }) => Number(processId)))
  }
  return { processIds, poison: consumersOf(world).length }
}

type Sent = { answer: string; isRecorded: boolean; complaint?: string }

async function sendOne({ world, random }: FaultContext, nth: number): Promise<Sent> {
  const consumers = consumersOf(world)
  const consumer = consumers[nth % consumers.length] as Consumer
  const drawn = drawPoison(random, nth, consumer)
  // A signed event is recorded each time; of unsigned ones a function keeps a bounded number.
  const signed = signMessage(world.sign, drawn)
  const poison = { ...drawn, ...signed }
  const throughBroker = random() < shareThroughBroker
  const [instance] = throughBroker ? [] : await world.functions.instancesOf(consumer.name)
  if (!throughBroker && !instance)
    return { answer: 'no process', isRecorded: false, complaint: `${consumer.name} is unavailable` }
  const url = instance ? `http://127.0.0.1:${instance.port}/` : world.brokerUrl
  let status = await post(url, poison)
  // As a dispatcher does: 503 means that the function did nothing with it.
  for (let attempt = 1; status === 503 && attempt < attemptsMax; attempt += 1) {
    await pause(retryMs)
    status = await post(url, poison)
  }
  const answer = `${instance ? 'function' : 'broker'} ${status}`
  // The broker refuses an invalid event to its producer; a function records it, since it has no producer to answer.
  const expected = !instance && poison.malformed ? 400 : 202
  return {
    answer,
    isRecorded: status === 202 && signed !== undefined,
    ...(status !== expected && {
      complaint: `"${poison.what}" was answered with ${answer} by ${instance ? consumer.name : 'the broker'}, expected ${expected}`,
    }),
  }
}

async function post(url: string, { headers, body }: Poison): Promise<number> {
  const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(postTimeoutMs) })
  await response.body?.cancel()
  return response.status
}

/** How long valid jobs took, with poison among them and without. */
function describeGoodTraffic({ effects, injections }: FaultOutcome): string {
  const [injection] = injections
  const tookMs = (isMet: boolean) =>
    effects.jobs.flatMap(({ queuedAtMs, finishedAtMs }) => {
      if (queuedAtMs === null || finishedAtMs === null || !injection) return []
      const met = finishedAtMs >= injection.startedAtMs && queuedAtMs <= injection.recoveredAtMs
      return met === isMet ? [finishedAtMs - queuedAtMs] : []
    })
  const describe = (ms: number[]) => `${quantileOf(ms, 0.5)} and ${quantileOf(ms, 0.99)} ms (p50, p99)`
  return `analyses took ${describe(tookMs(true))} among poison, and ${describe(tookMs(false))} without`
}
