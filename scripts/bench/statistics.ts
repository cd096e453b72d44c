/** The quantile of `share` (0 to 1), interpolated between the two nearest values. Throws for an empty array. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('An empty array has no quantile')
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
  /** Median of the ratios of each pair, which excludes what slows both halves of a pair. */
  ratio: number
  /** The first and the third quartile of these ratios. */
  spread: [number, number]
  pairs: number
}

/** Compares values with the references that were measured next to them, pair by pair. */
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
