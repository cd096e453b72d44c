import { pause } from '../../../lib/pause.ts'
import type { Fault, FaultContext } from '../../fault.ts'
import { startLoad } from '../../load/run-load.ts'
import { atMoments } from '../../moments.ts'
import { createRandom } from '../../random.ts'
import { quantileOf } from '../../report/summarise.ts'

const outageSeconds = 3_600
/** Photos of each person that are accepted meanwhile, besides the one of the load. */
const photosEach = 3
const acceptedMin = 20
const acceptWithinMs = 20_000
/** Three ticks of the redriver, at the age that an outage of an hour gives. */
const waitAtAgeMs = 16_000
const overWithinMs = 180_000

/** What becomes unavailable, and how it does and recovers. */
const parts: readonly {
  name: string
  begin: (world: FaultContext['world']) => Promise<void>
  end: (world: FaultContext['world']) => Promise<void>
}[] = [
  {
    name: 'RabbitMQ',
    begin: async ({ network }) => network.rabbitmq.cut(),
    end: async ({ network }) => network.rabbitmq.recover(),
  },
  { name: 'ingress and dispatchers', begin: ({ broker }) => broker.hold(), end: ({ broker }) => broker.release() },
  {
    name: 'the model',
    begin: async ({ network }) => network.model.cut(),
    end: async ({ network }) => network.model.recover(),
  },
]

/** As if all unfinished jobs had waited for an hour. `created_at` stays: the suite finds the jobs of a run by it. */
const ageSql = `
  with aged as (
    update waste.jobs
    set queued_at = queued_at - make_interval(secs => $1), updated_at = updated_at - make_interval(secs => $1),
      lease_until = lease_until - make_interval(secs => $1), released_until = released_until - make_interval(secs => $1)
    where state in ('queued', 'processing')
    returning job_id
  ), ledger as (
    update waste.model_calls
    set started_at = started_at - make_interval(secs => $1), ended_at = ended_at - make_interval(secs => $1)
  ), sent as (
    update events.outbox set next_at = next_at - make_interval(secs => $1) where sent_at is null
  )
  select job_id as "jobId" from aged`

export const f22: Fault = {
  id: 'F22',
  title: 'an outage of an hour',
  how: `RabbitMQ, then ingress and dispatchers, then the model are unavailable while everybody sends ${photosEach} photos more; what waits is made an hour older in PostgreSQL, so that the redriver sees it at that age for ${waitAtAgeMs / 1000} s; then the part is available again, and everybody sends one more photo`,
  boundSeconds: 120,
  world: { modelLatencyMs: 1_000, overrides: { ANALYSES_PER_SECOND_EXPECTED: '10' } },
  run: async (context) => {
    const { world, people, history, random, inject, complain, note, endMs } = context
    const send = (crowd: typeof people) =>
      startLoad({
        people: crowd,
        jobs: crowd.length,
        history,
        random: createRandom(Math.floor(random() * 2 ** 32)),
        beginUntilMs: endMs,
        deadlineMs: endMs + overWithinMs,
      })
    await atMoments(context, parts.length, async (nth) => {
      const part = parts[nth]
      if (!part) return
      let old: string[] = []
      const sent: { over: Promise<void> }[] = []
      await inject(`${part.name} unavailable for an hour`, async () => {
        try {
          await part.begin(world)
          sent.push(send(Array.from({ length: photosEach }, () => people).flat()))
          await untilWaiting(context)
          old = (await world.query<{ jobId: string }>(ageSql, [outageSeconds])).map(({ jobId }) => jobId)
          await pause(waitAtAgeMs)
        } finally {
          await part.end(world)
        }
      })
      const [recovered] = await world.query<{ at: string }>('select now()::text as at')
      sent.push(send(people))
      await Promise.all(sent.map(({ over }) => over))
      if (old.length < acceptedMin)
        complain(`${old.length} jobs met the outage of ${part.name}, expected ${acceptedMin}`)
      const waited = await readWaits(context, old, recovered?.at ?? '')
      // Recovery is measured by the timestamps of this run.
      await world.query(
        'update waste.jobs set queued_at = queued_at + make_interval(secs => $2) where job_id = any($1)',
        [old, outageSeconds],
      )
      const fresh = quantileOf(waited.freshMs, 0.9) ?? Number.POSITIVE_INFINITY
      const late = quantileOf(waited.lateMs, 0.9) ?? 0
      note(
        `${part.name}: 90 of 100 of ${waited.freshMs.length} new photos took ${fresh} ms, of ${old.length} late ones ${late} ms`,
      )
      if (fresh >= late)
        complain(`after the outage of ${part.name} new photos took ${fresh} ms, and late ones ${late} ms`)
    })
  },
}

async function untilWaiting({ world, people }: FaultContext): Promise<void> {
  const endMs = Date.now() + acceptWithinMs
  while (Date.now() < endMs) {
    const [row] = await world.query<{ waiting: number }>(
      `select count(*)::integer as waiting from waste.jobs where state in ('queued', 'processing')`,
    )
    if ((row?.waiting ?? 0) >= people.length * (photosEach + 1)) return
    await pause(500)
  }
}

/** How long after sending new photos were answered, and how long after the outage the late ones. */
async function readWaits({ world }: FaultContext, old: readonly string[], recoveredAt: string) {
  const rows = await world.query<{ isLate: boolean; ms: number }>(
    `select job_id = any($1) as "isLate",
       extract(epoch from finished_at - greatest(queued_at, $2::timestamptz))::float8 * 1000 as ms
     from waste.jobs
     where finished_at > $2::timestamptz and (job_id = any($1) or queued_at > $2::timestamptz)`,
    [old, recoveredAt],
  )
  const msOf = (isLate: boolean) => rows.filter((row) => row.isLate === isLate).map(({ ms }) => Math.round(ms))
  return { freshMs: msOf(false), lateMs: msOf(true) }
}
