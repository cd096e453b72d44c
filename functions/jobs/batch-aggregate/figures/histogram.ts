/** Durations counted by the upper bound of their bucket in milliseconds, as in `{ "110": 3 }`. Two are merged by adding. */
export type Histogram = Record<string, number>

export type Percentiles = { count: number; p50: number | null; p95: number | null; p99: number | null }

const longestMs = 3_600_000
/** Each bucket is a tenth wider than the one before: 140 of them from 1 ms to an hour, and no percentile off by more. */
const bounds = createBounds()

function createBounds(): readonly number[] {
  const all = [1]
  for (let bound = 1; bound < longestMs; ) {
    bound = Math.min(longestMs, Math.max(bound + 1, Math.round(bound * 1.1)))
    all.push(bound)
  }
  return all
}

/** What is longer than an hour counts as an hour. */
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

export function observe(histogram: Histogram, ms: number, count = 1): void {
  const bound = String(boundOf(ms))
  histogram[bound] = (histogram[bound] ?? 0) + count
}

export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  const merged: Histogram = {}
  for (const histogram of histograms) {
    for (const [bound, count] of Object.entries(histogram)) merged[bound] = (merged[bound] ?? 0) + count
  }
  return merged
}

/** The bounds that so many were not above. Null when nothing was measured. */
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
