import type { AnalysisVariant } from '../../functions/waste/analysis-step.ts'
import type { Fault } from './fault.ts'
import type { GrowbinClient } from './load/analyse.ts'
import { logInPeople } from './load/run-load.ts'
import { createRandom } from './random.ts'
import type { Progress } from './report/progress.ts'
import { type FaultRow, seconds, summariseFault } from './report/summarise.ts'
import { retry } from './retry.ts'
import { type Evidence, type FaultRun, runFault } from './run-fault.ts'
import { startWorld } from './world/start-world.ts'
import type { World, WorldOptions } from './world/world.ts'

export type SuiteOptions = {
  faults: readonly Fault[]
  jobs: number
  seeds: readonly number[]
  variant: AnalysisVariant
  logFile: string
  progress: Progress
  keep: (row: FaultRow, evidence: Evidence[]) => Promise<void>
  signal: AbortSignal
}

const peopleDefault = 32

type Opened = { world: World; people: GrowbinClient[] }

/** Runs each fault under each seed. Faults share a world, until one needs its own or breaks it. */
export async function runSuite(options: SuiteOptions): Promise<void> {
  const { progress, signal, variant } = options
  let shared: Opened | undefined
  let worlds = 0
  const open = async (world: WorldOptions, peopleCount: number): Promise<Opened> => {
    worlds += 1
    progress.step('starting RabbitMQ, Redis, PostgreSQL and the functions')
    const seeded = { ...world, variant, logFile: options.logFile, random: createRandom(worlds) }
    // A port that was free a moment ago may be taken by an outgoing connection of another program.
    const started = await retry(3, () => startWorld(seeded))
    try {
      return { world: started, people: await logInPeople(started.url, peopleCount, `person-${worlds}`) }
    } catch (error) {
      await started.close().catch(() => undefined)
      throw error
    }
  }
  try {
    for (const fault of options.faults) {
      if (signal.aborted) return
      const isOwn = fault.world !== undefined || fault.people !== undefined
      let opened = isOwn ? undefined : shared
      const runs: FaultRun[] = []
      try {
        for (const seed of options.seeds) {
          if (signal.aborted) return
          opened ??= await open(fault.world ?? {}, fault.people ?? peopleDefault)
          if (!isOwn) shared = opened
          // The access tokens of the people may have expired, and would cause a 401 that is not of the fault.
          for (const person of opened.people) await retry(3, person.refresh)
          const report = (text: string) => progress.step(`${fault.id} seed ${seed}: ${text}`)
          const running = runFault({ fault, ...opened, jobs: options.jobs, seed, report })
          const run = await Promise.race([running, interrupted(signal)])
          if (!run) return
          runs.push(run)
          progress.say(describeRun(fault, run))
          if (!isSound(run)) {
            // The next fault must not be blamed for what is left of this one.
            await opened.world.close()
            opened = undefined
            shared = undefined
          }
        }
      } finally {
        if (isOwn) await opened?.world.close()
      }
      await options.keep(
        summariseFault(fault, runs, variant),
        runs.flatMap(({ evidence }) => evidence),
      )
    }
  } finally {
    await shared?.world.close()
  }
}

const interrupted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })

const shownMax = 5

/** The history of one job with a violation, by time. */
function describeEvidence(
  { jobId, kinds, detail, history, row }: Evidence,
  injections: FaultRun['injections'],
): string[] {
  const steps = history.map(({ atMs, kind, type, reason, end }) => ({
    atMs,
    text: [kind, type, reason, end?.state].filter((part) => part !== undefined).join(' '),
  }))
  const from = Math.min(...steps.map(({ atMs }) => atMs))
  const to = Math.max(...steps.map(({ atMs }) => atMs))
  const met = injections
    .filter(({ startedAtMs, recoveredAtMs }) => recoveredAtMs >= from && startedAtMs <= to)
    .flatMap(({ what, startedAtMs, recoveredAtMs }) => [
      { atMs: startedAtMs, text: `(${what} begins)` },
      { atMs: recoveredAtMs, text: `(${what} is over)` },
    ])
  return [
    `  ${kinds.join(', ')} ${jobId}: ${detail}`,
    ...[...steps, ...met]
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(({ atMs, text }) => `    ${new Date(atMs).toISOString()} ${text}`),
    `    kept: ${JSON.stringify(row)}`,
  ]
}

const isSound = ({ problems, checked }: FaultRun): boolean => problems.length === 0 && checked.violations.length === 0

function describeRun({ id }: Fault, { seed, checked, durationMs, problems, evidence, injections }: FaultRun): string {
  const slowest = `${seconds(Math.max(0, ...checked.recoveries.map(({ tookMs }) => tookMs)))} s`
  return [
    `${id.padEnd(4)} seed ${seed}: ${checked.accepted} accepted, ${checked.completed} completed`,
    `lost ${checked.lost}, doubled ${checked.doubled}, slowest recovery ${slowest}, took ${seconds(durationMs)} s`,
    ...evidence.slice(0, shownMax).flatMap((job) => describeEvidence(job, injections)),
    ...problems.map((problem) => `  ${problem}`),
  ].join('\n     ')
}
