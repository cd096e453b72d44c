import { expect, it } from 'vitest'
import { limitConcurrency } from './limit-concurrency.ts'

it('never runs more than the limit at once, keeps the order, and frees the place of a failure', async () => {
  let running = 0
  let runningMax = 0
  const begun: number[] = []
  const limited = limitConcurrency(async (id: number) => {
    running += 1
    runningMax = Math.max(runningMax, running)
    begun.push(id)
    await new Promise((resolve) => setImmediate(resolve))
    running -= 1
    if (id % 3 === 0) throw new Error('broken photo')
    return id
  }, 2)
  const ids = Array.from({ length: 12 }, (_, index) => index)
  const results = await Promise.allSettled(ids.map(limited))
  expect(runningMax).toBe(2)
  expect(begun).toEqual(ids)
  expect(results.map((result) => result.status)).toEqual(ids.map((id) => (id % 3 === 0 ? 'rejected' : 'fulfilled')))
})
