import { expect, test } from 'vitest'
import { createWorkers } from './workers.ts'

test('stopped workers finish the items they have begun, begin no others, and are then idle', async () => {
  const begun: string[] = []
  let finish: () => void = () => undefined
  const workers = createWorkers<string>(1, (item) => {
    begun.push(item)
    return new Promise((resolve) => (finish = resolve))
  })
  for (const item of ['a', 'b']) workers.push(item)
  expect([workers.running(), workers.waiting()]).toEqual([1, 1])
  workers.stop()
  workers.push('c')
  const idle = workers.idle()
  finish()
  await idle
  expect([begun, workers.running(), workers.waiting()]).toEqual([['a'], 0, 0])
})

test('work that rejects frees its worker', async () => {
  const begun: number[] = []
  const workers = createWorkers<number>(1, async (item) => {
    begun.push(item)
    throw new Error('broken')
  })
  for (const item of [1, 2, 3]) workers.push(item)
  await workers.idle()
  expect(begun).toEqual([1, 2, 3])
})
