import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, FaultContext } from './fault.ts'
import { type Checked, checkHistory } from './history/check-history.ts'
import { createHistory, type HistoryEntry, type Injection } from './history/history.ts'
import { countUnsettled, readEffects } from './history/read-effects.ts'
import type { GrowbinClient } from './load/analyse.ts'
import { startLoad } from './load/run-load.ts'
import { createRandom, hash } from './random.ts'
import type { World } from './world/world.ts'

export type RunOptions = {
  fault: Fault
  world: World
  people: readonly GrowbinClient[]
  jobs: number
  seed: number
  report: (text: string) => void
}

export type FaultRun = {
  seed: number
  jobs: number
  checked: Checked
  injections: readonly Injection[]
  deadLetters: number
  /** The longest time that one step of a client took, whatever its outcome; streams do not count. */
  slowestStepMs: number
  durationMs: number
  notes: string[]
  /** Problems of the fault's own expectations, and of the whole run. */
  problems: string[]
  /** Everything that is known of each job with a violation. */
  evidence: Evidence[]
}

export type Evidence = {
  jobId: string
  kinds: string[]
  detail: string
  history: readonly HistoryEntry[]
  row: unknown
}

/** On a machine that is too slow no client begins another analysis after this. */
const beginWithinMs = 10 * 60_000
/** A job that has not ended this long after that counts as lost. */
const endAfterMs = 5 * 60_000
const injectionsWithinMs = 9 * 60_000
const evidenceMax = 20
const pollMs = 250

/** One fault under one seed: a load, injections meanwhile, and the checker when all jobs have ended. */
export async function runFault(options: RunOptions): Promise<FaultRun> {
  const { fault, world, people, jobs, seed, report } = options
  const startedMs = Date.now()
  const random = createRandom(seed)
  const history = createHistory()
  const injections: Injection[] = []
  const problems: string[] = []
  const notes: string[] = []
  const [now] = await world.query<{ now: string }>('select now()::text as now')
  const since = { databaseTime: now?.now ?? '', modelCalls: world.model.calls().total }
  const beginUntilMs = startedMs + beginWithinMs
  const deadlineMs = beginUntilMs + endAfterMs

  // Other photos in each fault, since a world caches the answers of the one before.
  const photos = createRandom(hash(`${fault.id} ${seed}`))
  // The load goes on during the last injection.
  let injecting = true
  const goOn = () => injecting
  const begin = () => startLoad({ people, jobs, history, random: photos, beginUntilMs, deadlineMs, goOn })
  const contextOf = (load: FaultContext['load']): FaultContext => ({
    world,
    random,
    load,
    people,
    history,
    endMs: startedMs + injectionsWithinMs,
    complain: (problem) => void problems.push(problem),
    note: (text) => void notes.push(text),
    inject: async (what, work) => {
      const injection: Injection = { what, startedAtMs: Date.now(), recoveredAtMs: Number.POSITIVE_INFINITY }
      injections.push(injection)
      report(what)
      await work()
      injection.recoveredAtMs = Date.now()
    },
  })
  const nothing = async () => undefined
  const notYet = { jobs, begun: () => 0, accepted: () => 0, isOver: () => false, untilBegun: nothing }
  await fault.prepare?.(contextOf({ ...notYet, hold: nothing, release: () => undefined, over: Promise.resolve() }))
  const load = begin()
  const context = contextOf(load)
  const progress = setInterval(() => report(`${load.begun()} of ${jobs} begun, ${load.accepted()} accepted`), 2_000)
  try {
    const injected = fault
      .run(context)
      .catch((error: Error) => void problems.push(`The fault failed: ${error.message}`))
      .finally(() => {
        injecting = false
      })
    await Promise.all([load.over, injected])
    await settle(world, since.databaseTime, deadlineMs, report)
  } finally {
    load.release()
    clearInterval(progress)
  }
  const effects = await readEffects(world, since)
  const entries = history.entries()
  const checked = checkHistory({ entries, effects, injections, excusedFailures: fault.excusedFailures ?? [] })
  const outcome = { checked, entries, effects, injections }
  problems.push(...checked.problems, ...((await fault.expectations?.(outcome, context)) ?? []))
  const disarmed = await world.failpoints.disarm()
  if (disarmed > 0) problems.push(`${disarmed} failpoints were armed and never reached`)

  const blamed = [...new Set(checked.violations.map(({ jobId }) => jobId))].slice(0, evidenceMax)
  return {
    seed,
    jobs: load.begun(),
    checked,
    injections,
    deadLetters: effects.deadLetters.length,
    slowestStepMs: Math.max(0, ...entries.filter(({ kind }) => kind !== 'follow').map(({ tookMs }) => tookMs ?? 0)),
    durationMs: Date.now() - startedMs,
    notes,
    problems,
    evidence: blamed.map((jobId) => ({
      jobId,
      kinds: checked.violations.filter((violation) => violation.jobId === jobId).map(({ kind }) => kind),
      detail: checked.violations.find((violation) => violation.jobId === jobId)?.detail ?? '',
      history: entries.filter((entry) => entry.jobId === jobId),
      row: {
        ...effects.jobs.find((job) => job.jobId === jobId),
        effects: effects.effects.filter((effect) => effect.jobId === jobId),
      },
    })),
  }
}

/** Waits until nothing is under way, or the time is up. */
async function settle(
  world: World,
  databaseTime: string,
  deadlineMs: number,
  report: (text: string) => void,
): Promise<void> {
  while (Date.now() < deadlineMs) {
    // A server that is still starting is queried again.
    const left = await countUnsettled(world, databaseTime).catch(() => undefined)
    if (left && left.jobs + left.events + left.messages === 0) return
    if (left) report(`waiting for ${left.jobs} jobs, ${left.events} events, ${left.messages} messages`)
    await sleep(pollMs)
  }
}
