export type Cell = {
  name: string
  count: number
  /** Whether so few people are behind it that it is hidden at any count. */
  few?: boolean
}

/** Smaller counts are hidden. */
export const hiddenBelow = 5

/**
 * Returns the names of the cells to hide, given that the sum of all is published: the small ones, and then the next larger ones
 * until no hidden count follows from the sum. That takes at least two hidden cells whose own sum is not small.
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
