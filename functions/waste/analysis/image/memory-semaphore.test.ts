import { expect, it } from 'vitest'
import { createMemorySemaphore, withMemory } from './memory-semaphore.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('never holds more than there is, in order of asking, and frees what failed', async () => {
  const memory = createMemorySemaphore({ bytes: 10, waitingMax: 100 })
  const begun: number[] = []
  let held = 0
  let heldMax = 0
  const sizes = [4, 4, 4, 10, 1, 25, 3, 3, 3, 3]
  const work = (bytes: number, id: number) =>
    withMemory(memory, bytes, async () => {
      begun.push(id)
      held += Math.min(bytes, 10)
      heldMax = Math.max(heldMax, held)
      await turn()
      held -= Math.min(bytes, 10)
      if (id % 3 === 0) throw new Error('broken photo')
    })
  const results = await Promise.allSettled(sizes.map(work))
  expect(heldMax).toBe(10)
  expect(begun).toEqual(sizes.map((_, id) => id))
  expect(results.map(({ status }) => status)).toEqual(sizes.map((_, id) => (id % 3 === 0 ? 'rejected' : 'fulfilled')))
})

it('refuses a caller behind too many others, who may retry', async () => {
  const memory = createMemorySemaphore({ bytes: 10, waitingMax: 2 })
  await memory.acquire(10)
  const waiting = [memory.acquire(1), memory.acquire(1)]
  await expect(memory.acquire(1)).rejects.toThrow('2 photos wait for memory already')
  memory.release(10)
  await Promise.all(waiting)
  await memory.acquire(1)
})

it('removes a caller that stops waiting, and admits those behind it', async () => {
  const memory = createMemorySemaphore({ bytes: 10, waitingMax: 2 })
  const lost = new AbortController()
  await memory.acquire(6)
  const large = memory.acquire(10, lost.signal)
  const small = memory.acquire(4)
  lost.abort(new Error('The lease is lost'))
  await expect(large).rejects.toThrow('The lease is lost')
  await small
  await expect(memory.acquire(1, lost.signal)).rejects.toThrow('The lease is lost')
})

it('notifies those that hold memory without need when a caller waits', async () => {
  const memory = createMemorySemaphore({ bytes: 10, waitingMax: 2 })
  await memory.acquire(6)
  memory.onContention(() => memory.release(6))
  await memory.acquire(10)
})
