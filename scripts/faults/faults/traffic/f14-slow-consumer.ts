import { unfinishedJobsMax } from '../../../../functions/waste/presign/presign.ts'
import { pause } from '../../../lib/pause.ts'
import type { Photo } from '../../../local/demo/growbin-client.ts'
import { findSlowSteps } from '../../actions/slow-steps.ts'
import type { Fault, FaultContext, FaultOutcome } from '../../fault.ts'
import type { HistoryEntry } from '../../history/history.ts'
import { drawPhoto } from '../../load/draw-photo.ts'
import { startLoad } from '../../load/run-load.ts'
import { atMoments } from '../../moments.ts'
import { createRandom } from '../../random.ts'
import { quantileOf } from '../../report/summarise.ts'

const ordinaryLatencyMs = 150
/** Below the 25 s after which a call of the model times out. */
const slowLatencyMs = 20_000
const slowForMs = 60_000
const burst = 10
const burstShare = 0.5
const waitingMax = 60
/** Several processes count independently, a quarter of a second apart. */
const waitingSlack = 40
const acceptMsWished = 300
const watchMs = 500
const burstOverMs = 150_000
/** Ten times the usual rate: some 25 photos a second. */
const burstArrivesWithinMs = 2_000

export const f14: Fault = {
  id: 'F14',
  title: 'slow consumer and a burst',
  how: `calls of the model take ${slowLatencyMs / 1000} s instead of ${ordinaryLatencyMs} ms for ${slowForMs / 1000} s, and meanwhile everybody sends ${burst} photos at once, within ${burstArrivesWithinMs / 1000} s; at most ${waitingMax} analyses may wait instead of 4500, so that a burst which this machine can make reaches the limit`,
  // The waiting jobs when the model is fast again, and the calls that are still slow.
  boundSeconds: 60,
  world: { overrides: { ANALYSES_WAITING_MAX: String(waitingMax) } },
  run: (context) =>
    atMoments(context, 1, async () => {
      const { world, inject, people, history, load, random, complain, note, endMs } = context
      const crowd = Array.from({ length: burst }, () => people).flat()
      const jobs = Math.round(load.jobs * burstShare)
      const draws = createRandom(Math.floor(random() * 2 ** 32))
      const photos = await drawPhotos(draws, jobs)
      const watched = watch(context)
      const extra: { over: Promise<void> } = await new Promise((resolve, reject) => {
        inject('slow model and a burst', async () => {
          world.model.set({ latencyMs: slowLatencyMs })
          try {
            resolve(
              startLoad({
                people: crowd,
                jobs,
                history,
                random: draws,
                draw: async () => photos.pop() ?? drawPhoto(draws),
                arriveWithinMs: burstArrivesWithinMs,
                beginUntilMs: endMs,
                deadlineMs: endMs + burstOverMs,
              }),
            )
            await pause(slowForMs)
          } finally {
            world.model.set({ latencyMs: ordinaryLatencyMs })
          }
        }).catch(reject)
      })
      await extra.over
      const { waiting, ofOnePerson } = await watched.stop()
      note(`at most ${waiting} analyses waited, ${ofOnePerson} of one person`)
      if (waiting > waitingMax + waitingSlack)
        complain(`${waiting} analyses waited, expected at most about ${waitingMax}`)
      if (ofOnePerson > unfinishedJobsMax)
        complain(`${ofOnePerson} analyses of one person waited, expected at most ${unfinishedJobsMax}`)
    }),
  expectations: (outcome, { world, note }) => {
    const { entries, effects, checked } = outcome
    const refused = entries.filter(({ kind, reason }) => kind === 'open' && reason === 'too_many_waiting')
    const withoutWait = refused.filter(({ status, retryAfterSeconds }) => status !== 503 || !retryAfterSeconds)
    const others = entries.filter(
      ({ kind, type, status, reason }) =>
        (kind === 'open' || kind === 'complete') &&
        type === 'info' &&
        !(status === 503 && reason === 'too_many_waiting'),
    )
    const doubled = effects.jobs.filter(({ leases }) => leases > world.analysis.workers.length)
    note(describeTimes(outcome, refused))
    return [
      ...(refused.length === 0 ? ['no client was refused: the burst met no limit'] : []),
      ...(withoutWait.length > 0 ? [`${withoutWait.length} refusals had no Retry-After`] : []),
      ...(others.length > 0
        ? [`${others.length} requests failed otherwise, the first with ${others[0]?.status} ${others[0]?.reason}`]
        : []),
      ...(doubled.length > 0 ? [`${doubled.length} analyses were redelivered while they ran`] : []),
      ...(checked.modelCallsPerJob > 1
        ? [`the model was called ${checked.modelCallsPerJob.toFixed(3)} times a job, expected once`]
        : []),
      ...findSlowSteps(outcome, ['open', 'complete'], 5_000),
    ]
  },
}

/** Beforehand, so that drawing does not share the processor with the burst. */
async function drawPhotos(random: () => number, count: number): Promise<Photo[]> {
  const photos: Photo[] = []
  while (photos.length < count) photos.push(await drawPhoto(random))
  return photos
}

/** Polls how many analyses wait, of all people and of one. */
function watch({ world }: FaultContext): { stop: () => Promise<{ waiting: number; ofOnePerson: number }> } {
  const most = { waiting: 0, ofOnePerson: 0 }
  let stopped = false
  const watching = (async () => {
    while (!stopped) {
      const owners = await world.query<{ count: number }>(
        `select count(*)::integer as count from waste.jobs
         where state in ('created', 'queued', 'processing') and not (state = 'created' and upload_expires_at < now())
         group by owner_id`,
      )
      const counts = owners.map(({ count }) => count)
      most.waiting = Math.max(
        most.waiting,
        counts.reduce((sum, count) => sum + count, 0),
      )
      most.ofOnePerson = Math.max(most.ofOnePerson, ...counts)
      await pause(watchMs)
    }
    return most
  })()
  return {
    stop: () => {
      stopped = true
      return watching
    },
  }
}

function describeTimes({ entries, effects }: FaultOutcome, refused: readonly HistoryEntry[]): string {
  const p99 = (found: readonly HistoryEntry[]) =>
    quantileOf(
      found.map(({ tookMs = 0 }) => tookMs),
      0.99,
    )
  const ok = (kind: HistoryEntry['kind']) => entries.filter((entry) => entry.kind === kind && entry.type === 'ok')
  const waitedMs = effects.jobs.flatMap(({ queuedAtMs, finishedAtMs }) =>
    queuedAtMs === null || finishedAtMs === null ? [] : [finishedAtMs - queuedAtMs],
  )
  return [
    `p99 of a job opened ${p99(ok('open'))} ms, of an upload accepted ${p99(ok('complete'))} ms (wished: ${acceptMsWished} ms)`,
    `${refused.length} refusals, p99 ${p99(refused)} ms`,
    `an accepted analysis ended within ${quantileOf(waitedMs, 0.99)} ms for 99 of 100`,
  ].join('; ')
}
