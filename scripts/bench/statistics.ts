/** The value below which `share` of all values lie, between the two nearest. `share` is from 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('There is no quantile of no values')
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] as number
  const above = sorted[Math.ceil(place)] as number
  return below + (above - below) * (place - Math.floor(place))
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export type Comparison = {
  value: number
  reference: number
  /** Median of the ratios of each pair: what slows both halves of a pair is not in it. */
  ratio: number
  /** The middle half of these ratios lies between the two. */
  spread: [number, number]
  pairs: number
}

/** Compares values with references that were measured right beside them, pair by pair. */
export function compare(pairs: readonly { value: number; reference: number }[]): Comparison {
  const ratios = pairs.map(({ value, reference }) => value / reference)
  return {
    value: median(pairs.map((pair) => pair.value)),
    reference: median(pairs.map((pair) => pair.reference)),
    ratio: median(ratios),
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    pairs: pairs.length,
  }
}
