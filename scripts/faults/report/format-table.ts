import { type FaultRow, seconds } from './summarise.ts'

export const headings = [
  'Fault',
  'Jobs',
  'Injuries',
  'Attempted',
  'Accepted',
  'Completed',
  'Failed, by reason',
  'Lost',
  'Doubled',
  'Model calls a job',
  'Recovery p50 / p99',
  'Bound',
  'Verdict',
]

function cellsOf(row: FaultRow): string[] {
  const failed = Object.entries(row.failed).map(([reason, count]) => `${count} ${reason}`)
  const recovery =
    row.recovery_p50_ms === null || row.recovery_p99_ms === null
      ? '–'
      : `${seconds(row.recovery_p50_ms)} / ${seconds(row.recovery_p99_ms)} s`
  return [
    `${row.id} ${row.title}${row.variant === 'single' ? '' : ` (${row.variant})`}`,
    String(row.jobs),
    String(row.injuries),
    String(row.attempted),
    String(row.accepted),
    String(row.completed),
    failed.length === 0 ? '0' : failed.join(', '),
    String(row.lost),
    String(row.doubled),
    row.model_calls_per_job.toFixed(3),
    recovery,
    `${row.bound_seconds} s`,
    row.problems.length === 0 ? 'held' : 'BROKEN',
  ]
}

/** A table of GitHub Markdown. */
export function formatMarkdown(rows: readonly FaultRow[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map((row) => line(cellsOf(row)))].join('\n')
}

/** Columns for a terminal. */
export function formatText(rows: readonly FaultRow[]): string {
  const lines = [headings, ...rows.map(cellsOf)]
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Everything that was not as required, with the history of each job to blame. */
export function formatProblems(rows: readonly FaultRow[]): string[] {
  return rows.flatMap((row) => row.problems.map((problem) => `${row.id} ${problem}`))
}
