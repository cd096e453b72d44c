const linesMax = 14

/** The first differing lines: `-` is on disk, `+` is expected. */
export function shortDiff(expected: string, actual: string): string {
  const wanted = expected === '' ? [] : expected.split('\n')
  const present = actual === '' ? [] : actual.split('\n')
  const changes = changedLines(present, wanted)
  const rest = changes.length - linesMax
  return [...changes.slice(0, linesMax), ...(rest > 0 ? [`  … and ${rest} more lines`] : [])].join('\n')
}

function changedLines(present: readonly string[], wanted: readonly string[]): string[] {
  const common = commonLengths(present, wanted)
  const lines: string[] = []
  let row = 0
  let column = 0
  while (row < present.length || column < wanted.length) {
    if (row < present.length && column < wanted.length && present[row] === wanted[column]) {
      row += 1
      column += 1
    } else if (
      column >= wanted.length ||
      (row < present.length && at(common, row + 1, column) >= at(common, row, column + 1))
    ) {
      lines.push(`  - ${row + 1}: ${present[row++]}`)
    } else {
      lines.push(`  + ${column + 1}: ${wanted[column++]}`)
    }
  }
  return lines
}

/** Longest common subsequence of the tails that begin at each pair of lines. */
function commonLengths(present: readonly string[], wanted: readonly string[]): number[][] {
  const table = Array.from({ length: present.length + 1 }, () => new Array<number>(wanted.length + 1).fill(0))
  for (let row = present.length - 1; row >= 0; row -= 1) {
    for (let column = wanted.length - 1; column >= 0; column -= 1) {
      const longest =
        present[row] === wanted[column]
          ? at(table, row + 1, column + 1) + 1
          : Math.max(at(table, row + 1, column), at(table, row, column + 1))
      ;(table[row] as number[])[column] = longest
    }
  }
  return table
}

function at(table: readonly (readonly number[])[], row: number, column: number): number {
  return table[row]?.[column] ?? 0
}
