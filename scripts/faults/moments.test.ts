import { expect, it } from 'vitest'
import { atMoments } from './moments.ts'
import { between, createRandom, hash, shuffle } from './random.ts'

/** A load that reaches each awaited count at once. */
function arrange(jobs: number, options: { endsAfter?: number; endMs?: number } = {}) {
  let begun = 0
  const load = {
    jobs,
    begun: () => begun,
    accepted: () => begun,
    isOver: () => begun >= (options.endsAfter ?? Number.POSITIVE_INFINITY),
    untilBegun: async (count: number) => {
      begun = Math.max(begun, count)
    },
    hold: async () => undefined,
    release: () => undefined,
    over: Promise.resolve(),
  }
  const moments: number[] = []
  const run = (seed: number, times: number) =>
    atMoments({ load, random: createRandom(seed), endMs: options.endMs ?? Date.now() + 60_000 }, times, async () => {
      moments.push(begun)
    })
  return { run, moments }
}

it('chooses the same moments for the same seed, one in each part of the load, and others for another', async () => {
  const [first, again, other] = [arrange(1_000), arrange(1_000), arrange(1_000)]
  await Promise.all([first.run(1, 5), again.run(1, 5), other.run(2, 5)])
  expect(first.moments).toEqual(again.moments)
  expect(first.moments).not.toEqual(other.moments)
  expect(first.moments).toHaveLength(5)
  expect(first.moments.every((moment, nth) => moment >= 50 + 170 * nth)).toBe(true)
})

it('lets the load recover between two moments', async () => {
  const { run, moments } = arrange(1_000)
  await run(3, 20)
  const gaps = moments.slice(1).map((moment, nth) => moment - (moments[nth] ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(12)
})

it('begins nothing after the load is over, or after its own end', async () => {
  const over = arrange(1_000, { endsAfter: 300 })
  await over.run(1, 5)
  expect(over.moments.every((moment) => moment < 300)).toBe(true)
  const late = arrange(1_000, { endMs: 0 })
  await late.run(1, 5)
  expect(late.moments).toEqual([])
})

it('draws the same from the same seed, within its bounds, and loses nothing in another order', () => {
  const draw = (seed: number) => {
    const random = createRandom(seed)
    return Array.from({ length: 200 }, () => between(random, 3, 7))
  }
  expect(draw(hash('F1 1'))).toEqual(draw(hash('F1 1')))
  expect(draw(hash('F1 1'))).not.toEqual(draw(hash('F1 2')))
  expect(new Set(draw(1))).toEqual(new Set([3, 4, 5, 6, 7]))
  const items = [1, 2, 3, 4, 5, 6, 7, 8]
  const shuffled = shuffle(createRandom(1), items)
  expect(shuffled).not.toEqual(items)
  expect(shuffled.toSorted()).toEqual(items)
})
