/** Counts of durations by the upper bound of their bucket in milliseconds, such as `{ "110": 3 }`. Histograms merge by addition. */
export type Histogram = Record<string, number>

export type Percentiles = { count: number; p50: number | null; p95: number | null; p99: number | null }

const longestMs = 3_600_000
/** Each bucket is 10 % wider than the one before: 140 buckets from 1 ms to an hour, and percentiles at most 10 % too high. */
const bounds = createBounds()

function createBounds(): readonly number[] {
  const all = [1]
  for (let bound = 1; bound < longestMs; ) {
    bound = Math.min(longestMs, Math.max(bound + 1, Math.round(bound * 1.1)))
    all.push(bound)
  }
  return all
}

/** Returns the upper bound of the bucket of a duration in milliseconds; more than an hour counts as an hour. */
export function boundOf(ms: number): number {
  let low = 0
  let high = bounds.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((bounds[middle] ?? 0) < ms) low = middle + 1
    else high = middle
  }
  return bounds[low] ?? longestMs
}

/** Adds `count` durations of `ms` milliseconds to the histogram, which it changes. */
export function observe(histogram: Histogram, ms: number, count = 1): void {
  const bound = String(boundOf(ms))
  histogram[bound] = (histogram[bound] ?? 0) + count
}

/** Returns the sum of histograms. */
export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  const merged: Histogram = {}
  for (const histogram of histograms) {
    for (const [bound, count] of Object.entries(histogram)) merged[bound] = (merged[bound] ?? 0) + count
  }
  return merged
}

/** Returns the percentiles as bucket bounds in milliseconds; null when the histogram is empty. */
export function percentilesOf(histogram: Histogram): Percentiles {
  const buckets = Object.entries(histogram)
    .map(([bound, count]) => ({ bound: Number(bound), count }))
    .sort((one, other) => one.bound - other.bound)
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  const at = (share: number): number | null => {
    let seen = 0
    for (const { bound, count } of buckets) {
      seen += count
      if (seen >= share * total) return bound
    }
    return null
  }
  return { count: total, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}
