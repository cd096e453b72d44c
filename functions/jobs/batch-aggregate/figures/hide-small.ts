export type Cell = {
  name: string
  count: number
  /** So few people that it is hidden whatever its count. */
  few?: boolean
}

/** What stands for fewer than this is hidden. */
export const hiddenBelow = 5

/**
 * Names of the cells to hide, of counts whose sum is told: those that are small, and then the next larger ones until no hidden
 * one follows from the sum, which takes two of them and a sum of their own that is not small.
 */
export function hideSmall(cells: readonly Cell[]): ReadonlySet<string> {
  const hidden = new Map(
    cells.filter(({ count, few }) => count > 0 && (few || count < hiddenBelow)).map((cell) => [cell.name, cell.count]),
  )
  const others = cells
    .filter(({ name, count }) => count > 0 && !hidden.has(name))
    .sort((one, other) => one.count - other.count || (one.name < other.name ? -1 : 1))
  const isSafe = () => {
    const sum = [...hidden.values()].reduce((total, count) => total + count, 0)
    return hidden.size === 0 || (hidden.size >= 2 && sum >= hiddenBelow)
  }
  for (const { name, count } of others) {
    if (isSafe()) break
    hidden.set(name, count)
  }
  return new Set(hidden.keys())
}
