import type { StageResult } from './read-report.ts'

export type Run = {
  results: readonly StageResult[]
  /** Skipped stages and the reasons. */
  leftOut: readonly { name: string; why: string }[]
  /** Whether a skipped stage is a failure. */
  isCi: boolean
}

/** Renders the end of the output: failures, skipped stages, and the counts on the last line. */
export function summarise({ results, leftOut, isCi }: Run): { lines: string[]; exitCode: number } {
  const failures = results.flatMap(({ stage, failures }) => failures.map((text) => `${stage}  ${text}`))
  const skipped = results.flatMap((result) =>
    result.skipped.map(({ name, why }) => `${result.stage}  ${name} (${why})`),
  )
  const notRun = [...leftOut.map(({ name, why }) => `${name}, all of it (${why})`), ...skipped]
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  const isComplete = notRun.length === 0
  const counts = [
    `${passed} passed`,
    `${failures.length} failed`,
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
  ]
  return {
    lines: [
      '',
      ...results.map(describeStage),
      ...section('Failed', failures),
      ...section('Not run', notRun),
      ...(isCi && !isComplete ? ['', 'CI is set, so what was not run is a failure.'] : []),
      '',
      counts.join(', '),
    ],
    exitCode: failures.length > 0 || (isCi && !isComplete) ? 1 : 0,
  }
}

function describeStage({ stage, passed, failures, skipped, durationMs }: StageResult): string {
  const counts =
    stage === 'check'
      ? failures.length > 0
        ? 'failed'
        : 'clean'
      : `${passed} passed, ${failures.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`
  return `${stage.padEnd(12)} ${counts.padEnd(36)} ${(durationMs / 1000).toFixed(1).padStart(7)} s`
}

const section = (title: string, items: readonly string[]) =>
  items.length === 0 ? [] : ['', `${title} (${items.length}):`, ...items.map((item) => `  ${item}`)]
