import { expect, it } from 'vitest'
import { keepAnswer } from './keep-answer.ts'

function arrange() {
  let nowMs = 1_000_000
  let reads = 0
  let failing: Error | undefined
  const kept = keepAnswer({
    nowMs: () => nowMs,
    read: async () => {
      reads += 1
      if (failing) throw failing
      return reads
    },
  })
  return {
    kept,
    reads: () => reads,
    pass: (seconds: number) => (nowMs += seconds * 1000),
    fail: (error: Error | undefined) => (failing = error),
  }
}
const away = new Error('away')

it('reads once for all who ask at the same time, and not again for ten minutes', async () => {
  const { kept, reads, pass } = arrange()
  expect(await Promise.all(Array.from({ length: 20 }, () => kept.get()))).toEqual(Array(20).fill(1))
  pass(599)
  expect(await kept.get()).toBe(1)
  pass(1)
  expect(await kept.get()).toBe(2)
  expect(reads()).toBe(2)
})

it('keeps an old answer while it cannot be read, and tries every 30 s', async () => {
  const { kept, reads, pass, fail } = arrange()
  await kept.get()
  fail(away)
  pass(600)
  expect(await kept.get()).toBe(1)
  expect(await kept.get()).toBe(1)
  expect(reads()).toBe(2)
  pass(30)
  fail(undefined)
  expect(await kept.get()).toBe(3)
})

it('does not trust an answer that is a day old', async () => {
  const { kept, pass, fail } = arrange()
  await kept.get()
  fail(away)
  pass(86_399)
  expect(await kept.get()).toBe(1)
  pass(1)
  await expect(kept.get()).rejects.toBe(away)
})

it('throws what reading threw while there is no answer, and recovers at once', async () => {
  const { kept, fail } = arrange()
  fail(away)
  await expect(kept.get()).rejects.toBe(away)
  fail(undefined)
  expect(await kept.get()).toBe(2)
})

it('reads a newer answer at most once in 30 s, however many ask for one', async () => {
  const { kept, reads, pass } = arrange()
  await kept.get()
  expect(await kept.getNewer()).toBe(1)
  pass(30)
  expect(await Promise.all([kept.getNewer(), kept.getNewer(), kept.getNewer()])).toEqual([2, 2, 2])
  expect(await kept.getNewer()).toBe(2)
  expect(reads()).toBe(2)
})

it('has no newer answer while the last reading failed', async () => {
  const { kept, pass, fail } = arrange()
  await kept.get()
  fail(away)
  pass(30)
  await expect(kept.getNewer()).rejects.toBe(away)
  await expect(kept.getNewer()).rejects.toBe(away)
  expect(await kept.get()).toBe(1)
})
