import type { DeadLetter, Report, WholeDeadLetter } from './operations-client.ts'

const columns: [string, (deadLetter: DeadLetter) => string][] = [
  ['ID', (deadLetter) => deadLetter.dead_letter_id],
  ['STATE', (deadLetter) => deadLetter.state],
  ['CONSUMER', (deadLetter) => deadLetter.consumer],
  ['REPORTED', (deadLetter) => deadLetter.reported_consumer ?? '-'],
  ['REASON', (deadLetter) => deadLetter.reason],
  ['TYPE', (deadLetter) => deadLetter.event_type ?? '-'],
  ['TIMES', (letter) => String(letter.deliveries)],
  ['LAST', (deadLetter) => deadLetter.last_received_at],
]

/** Replaces control characters: text of other programs must not control the terminal. */
export const printable = (text: string): string =>
  text.replace(/[^\P{C}\n\t]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

export function renderTable(deadLetters: readonly DeadLetter[]): string {
  const rows = [
    columns.map(([name]) => name),
    ...deadLetters.map((deadLetter) => columns.map(([, read]) => printable(read(deadLetter)))),
  ]
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function renderDeadLetter(deadLetter: WholeDeadLetter): string {
  const { attributes, headers: _, body, ...fields } = deadLetter
  const lines = Object.entries(fields).map(([name, value]) => `${name.padEnd(18)}${value ?? '-'}`)
  const described = Object.entries(attributes).map(([name, value]) => `  ${name.padEnd(20)}${value}`)
  const size = `${body.size_bytes} bytes${body.cut ? ', cut' : ''}${body.encoding === 'base64' ? ', base64' : ''}`
  return printable([...lines, 'attributes', ...described, `body (${size})`, body.content].join('\n'))
}

export function renderReport({ dry_run, matched, replayed, refused, next_cursor }: Report): string {
  const reasons = Object.entries(refused).map(([reason, count]) => `, ${count} refused (${reason})`)
  const done = dry_run ? 'would be replayed' : 'replayed'
  return `${matched} found, ${replayed} ${done}${reasons.join('')}${next_cursor ? `; go on with --cursor ${next_cursor}` : ''}`
}
