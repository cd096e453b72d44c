import { expect, it } from 'vitest'
import type { FaultContext } from '../fault.ts'
import { findVanished, othersMustLiveOn } from './live-on.ts'

const before = new Map([
  ['waste-ai-analyze', [1, 2]],
  ['waste-presign', [3]],
  ['waste-upload-complete', [4, 5]],
  ['waste-status', [6]],
  ['broker', [7]],
])

it('finds nothing where only the affected function has other processes, and others have more', () => {
  const after = new Map([...before, ['waste-ai-analyze', [8]], ['waste-presign', [3, 9]]])
  expect(findVanished(before, after, 'waste-ai-analyze')).toEqual([])
})

it('finds each process of another function that is gone, even when a new one has replaced it', () => {
  const after = new Map([...before, ['waste-upload-complete', [4, 10]], ['broker', [11]]])
  expect(findVanished(before, after, 'waste-ai-analyze')).toEqual([
    { name: 'waste-upload-complete', processId: 5 },
    { name: 'broker', processId: 7 },
  ])
})

/** A system with the processes that a test gives it, and the complaints about it. */
function arrange(running: Map<string, number[]>) {
  const complaints: string[] = []
  const instances = async () =>
    new Map(
      [...running].map(([name, ids]) => [name, ids.map((processId) => ({ processId, port: 0, requestsInFlight: 0 }))]),
    )
  const instancesOf = async (name: string) => (await instances()).get(name) ?? []
  const world = { functions: { instances, instancesOf }, broker: { processId: async () => 7 } }
  const context = { world, complain: (problem: string) => complaints.push(problem) } as unknown as FaultContext
  return { context, complaints }
}

it('complains of a function that ends with the affected one, and not of one that only gets no more requests', async () => {
  const running = new Map(before)
  const { context, complaints } = arrange(running)
  const work = async () => {
    running.set('waste-ai-analyze', [20])
    running.set('waste-status', [21])
    running.set('waste-upload-complete', [4])
  }
  await othersMustLiveOn(context, 'waste-ai-analyze', work, async (processId) => processId === 6)
  expect(complaints).toEqual(['the process 6 of waste-status ended when only waste-ai-analyze was affected'])
})
