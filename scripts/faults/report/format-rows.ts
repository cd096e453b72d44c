import { formatMarkdownTable, formatTable } from '../../lib/format-table.ts'
import { type FaultRow, seconds } from './summarise.ts'

export const headings = [
  'Fault',
  'Jobs',
  'Injections',
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
    String(row.injections),
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
export const formatMarkdown = (rows: readonly FaultRow[]): string => formatMarkdownTable(headings, rows.map(cellsOf))

/** Columns for a terminal. */
export const formatText = (rows: readonly FaultRow[]): string => formatTable(headings, rows.map(cellsOf))

/** Every problem, with the history of each affected job. */
export function formatProblems(rows: readonly FaultRow[]): string[] {
  return rows.flatMap((row) => row.problems.map((problem) => `${row.id} ${problem}`))
}
