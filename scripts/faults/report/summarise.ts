import type { AnalysisVariant } from '../../../functions/waste/analysis-step.ts'
import { quantile } from '../../bench/statistics.ts'
import type { Fault } from '../fault.ts'
import type { Recovery } from '../history/recovery.ts'
import type { FaultRun } from '../run-fault.ts'

/** One fault over all of its seeds, as a row of the table. */
export type FaultRow = {
  id: string
  title: string
  variant: AnalysisVariant
  how: string
  seeds: number[]
  jobs: number
  injections: number
  attempted: number
  accepted: number
  completed: number
  failed: Record<string, number>
  lost: number
  doubled: number
  model_calls_per_job: number
  dead_letters: number
  met: number
  recovery_p50_ms: number | null
  recovery_p99_ms: number | null
  /** By what was injected, without its numbers. */
  recovery_by_injection: Record<string, { met: number; p50_ms: number | null; p99_ms: number | null; max_ms: number }>
  bound_seconds: number
  slowest_step_ms: number
  duration_seconds: number
  notes: string[]
  /** Empty when every requirement holds. */
  problems: string[]
}

/** The row of a fault, with a verdict: `problems` is empty when nothing was lost or doubled and it recovered in time. */
export function summariseFault(fault: Fault, runs: readonly FaultRun[], variant: AnalysisVariant = 'single'): FaultRow {
  const sum = (of: (run: FaultRun) => number) => runs.reduce((total, run) => total + of(run), 0)
  const recoveries = runs.flatMap(({ checked }) => checked.recoveries)
  const recoveriesMs = recoveries.map(({ tookMs }) => tookMs)
  const failed: Record<string, number> = {}
  for (const { checked } of runs) {
    for (const [reason, count] of Object.entries(checked.failed)) failed[reason] = (failed[reason] ?? 0) + count
  }
  const queued = sum(({ checked }) => checked.completed + Object.values(checked.failed).reduce((a, b) => a + b, 0))
  const calls = sum(
    ({ checked }) =>
      checked.modelCallsPerJob * (checked.completed + Object.values(checked.failed).reduce((a, b) => a + b, 0)),
  )
  const row: FaultRow = {
    id: fault.id,
    title: fault.title,
    variant,
    how: fault.how,
    seeds: runs.map(({ seed }) => seed),
    jobs: sum(({ jobs }) => jobs),
    injections: sum(({ injections }) => injections.length),
    attempted: sum(({ checked }) => checked.attempted),
    accepted: sum(({ checked }) => checked.accepted),
    completed: sum(({ checked }) => checked.completed),
    failed,
    lost: sum(({ checked }) => checked.lost),
    doubled: sum(({ checked }) => checked.doubled),
    model_calls_per_job: queued === 0 ? 0 : Math.round((calls / queued) * 1000) / 1000,
    dead_letters: sum(({ deadLetters }) => deadLetters),
    met: recoveriesMs.length,
    recovery_p50_ms: quantileOf(recoveriesMs, 0.5),
    recovery_p99_ms: quantileOf(recoveriesMs, 0.99),
    recovery_by_injection: byInjection(recoveries),
    bound_seconds: fault.boundSeconds,
    slowest_step_ms: Math.round(Math.max(0, ...runs.map(({ slowestStepMs }) => slowestStepMs))),
    duration_seconds: Math.round(sum(({ durationMs }) => durationMs) / 1000),
    notes: [...new Set(runs.flatMap(({ notes }) => notes))],
    problems: [],
  }
  return { ...row, problems: findProblems(row, runs) }
}

function findProblems(row: FaultRow, runs: readonly FaultRun[]): string[] {
  const problems = runs.flatMap((run) => run.problems.map((problem) => `seed ${run.seed}: ${problem}`))
  if (row.lost > 0) problems.push(`${row.lost} jobs were lost`)
  if (row.doubled > 0) problems.push(`${row.doubled} jobs were doubled`)
  const others = runs.flatMap(({ checked }) =>
    checked.violations.filter(({ kind }) => kind === 'refused_and_done' || kind === 'failed_without_cause'),
  )
  if (others.length > 0) problems.push(`${others.length} jobs were refused and done, or failed without a cause`)
  // A fault that affected nothing proves nothing.
  if (row.accepted === 0) problems.push('no job was accepted')
  if (row.injections === 0) problems.push('nothing was done to the system')
  if (row.recovery_p99_ms !== null && row.recovery_p99_ms > row.bound_seconds * 1000) {
    problems.push(`recovery p99 took ${seconds(row.recovery_p99_ms)} s, expected at most ${row.bound_seconds} s`)
  }
  return problems
}

export const quantileOf = (values: readonly number[], share: number): number | null =>
  values.length === 0 ? null : Math.round(quantile(values, share))

function byInjection(recoveries: readonly Recovery[]): FaultRow['recovery_by_injection'] {
  const groups = Map.groupBy(recoveries, ({ injection }) => injection.replace(/^[\d ]+/, ''))
  return Object.fromEntries(
    [...groups].map(([injection, met]) => {
      const tookMs = met.map((recovery) => recovery.tookMs)
      const [p50_ms, p99_ms] = [quantileOf(tookMs, 0.5), quantileOf(tookMs, 0.99)]
      return [injection, { met: met.length, p50_ms, p99_ms, max_ms: Math.round(Math.max(...tookMs)) }]
    }),
  )
}

export const seconds = (ms: number): string => (ms / 1000).toFixed(1)
