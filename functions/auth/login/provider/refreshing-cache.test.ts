import { expect, it } from 'vitest'
import { createRefreshingCache } from './refreshing-cache.ts'

function arrange() {
  let nowMs = 1_000_000
  let reads = 0
  let failing: Error | undefined
  const cache = createRefreshingCache({
    nowMs: () => nowMs,
    read: async () => {
      reads += 1
      if (failing) throw failing
      return reads
    },
  })
  return {
    cache,
    reads: () => reads,
    pass: (seconds: number) => (nowMs += seconds * 1000),
    fail: (error: Error | undefined) => (failing = error),
  }
}
const unavailable = new Error('unavailable')

it('reads once for concurrent callers, and not again for ten minutes', async () => {
  const { cache, reads, pass } = arrange()
  expect(await Promise.all(Array.from({ length: 20 }, () => cache.get()))).toEqual(Array(20).fill(1))
  pass(599)
  expect(await cache.get()).toBe(1)
  pass(1)
  expect(await cache.get()).toBe(2)
  expect(reads()).toBe(2)
})

it('serves the stale value while reading fails, and tries again every 30 s', async () => {
  const { cache, reads, pass, fail } = arrange()
  await cache.get()
  fail(unavailable)
  pass(600)
  expect(await cache.get()).toBe(1)
  expect(await cache.get()).toBe(1)
  expect(reads()).toBe(2)
  pass(30)
  fail(undefined)
  expect(await cache.get()).toBe(3)
})

it('does not serve a value that is a day old', async () => {
  const { cache, pass, fail } = arrange()
  await cache.get()
  fail(unavailable)
  pass(86_399)
  expect(await cache.get()).toBe(1)
  pass(1)
  await expect(cache.get()).rejects.toBe(unavailable)
})

it('throws what reading threw while there is no value, and recovers at once', async () => {
  const { cache, fail } = arrange()
  fail(unavailable)
  await expect(cache.get()).rejects.toBe(unavailable)
  fail(undefined)
  expect(await cache.get()).toBe(2)
})

it('reads a newer value at most once in 30 s, for any number of callers', async () => {
  const { cache, reads, pass } = arrange()
  await cache.get()
  expect(await cache.getNewer()).toBe(1)
  pass(30)
  expect(await Promise.all([cache.getNewer(), cache.getNewer(), cache.getNewer()])).toEqual([2, 2, 2])
  expect(await cache.getNewer()).toBe(2)
  expect(reads()).toBe(2)
})

it('has no newer value while the last read failed', async () => {
  const { cache, pass, fail } = arrange()
  await cache.get()
  fail(unavailable)
  pass(30)
  await expect(cache.getNewer()).rejects.toBe(unavailable)
  await expect(cache.getNewer()).rejects.toBe(unavailable)
  expect(await cache.get()).toBe(1)
})
