import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../scripts/local/testing/silent-log.ts'
import { deleteAccount } from './delete-account.ts'

const names = ['close', 'photos', 'profile', 'forget'] as const

/** Four domains that each keep something, and a process that is cut off before one of their steps. */
function arrange() {
  const kept = new Set<string>(names)
  const order: string[] = []
  let person: string | null = 'person-1'
  let failAt: string | undefined
  return {
    kept,
    order,
    cutOffAt: (name: string | undefined) => {
      failAt = name
    },
    isComplete: () => person === null,
    deps: {
      findPerson: async (deletionId: string) => (deletionId === 'deletion-1' ? person : undefined),
      steps: names.map((name) => ({
        name,
        run: async () => {
          if (failAt === name) throw new Error('cut off')
          order.push(name)
          kept.delete(name)
        },
      })),
      complete: async () => {
        if (failAt === 'complete') throw new Error('cut off')
        person = null
      },
      log: silentLog,
    },
  }
}

describe('deleteAccount', () => {
  it.each([...names, 'complete'])('ends after being cut off at "%s", whatever was done before', async (point) => {
    const world = arrange()
    world.cutOffAt(point)
    await expect(deleteAccount(world.deps, 'deletion-1')).rejects.toThrow('cut off')
    expect(world.isComplete()).toBe(false)
    world.cutOffAt(undefined)
    await deleteAccount(world.deps, 'deletion-1')
    expect(world.kept.size).toBe(0)
    expect(world.isComplete()).toBe(true)
  })

  it('closes the sessions first and forgets the account last', async () => {
    const world = arrange()
    await deleteAccount(world.deps, 'deletion-1')
    expect(world.order).toEqual([...names])
  })

  it('does nothing for a person who is forgotten already', async () => {
    const world = arrange()
    await deleteAccount(world.deps, 'deletion-1')
    await deleteAccount(world.deps, 'deletion-1')
    expect(world.order).toHaveLength(names.length)
  })

  it('rejects an unknown deletion', async () => {
    await expect(deleteAccount(arrange().deps, 'deletion-2')).rejects.toThrow('There is no deletion "deletion-2"')
  })
})
