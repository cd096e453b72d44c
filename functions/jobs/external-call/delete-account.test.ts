import { describe, expect, it } from 'vitest'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { deleteAccount } from './delete-account.ts'

const names = ['close', 'photos', 'profile', 'forget'] as const

/** Four steps that each remove something, and a process that can be interrupted before one of them. */
function arrange() {
  const kept = new Set<string>(names)
  const order: string[] = []
  let person: string | null = 'person-1'
  let failAt: string | undefined
  const time = { out: new AbortController() }
  const resumed: string[] = []
  return {
    kept,
    order,
    interruptAt: (name: string | undefined) => {
      failAt = name
    },
    isComplete: () => person === null,
    time,
    resumed,
    deps: {
      findPerson: async (deletionId: string) => (deletionId === 'deletion-1' ? person : undefined),
      steps: names.map((name) => ({
        name,
        run: async (_userId: string, signal: AbortSignal) => {
          if (failAt === name) throw new Error('interrupted')
          signal.throwIfAborted()
          order.push(name)
          kept.delete(name)
        },
      })),
      timeOut: () => time.out.signal,
      resumeSoon: async (deletionId: string) => void resumed.push(deletionId),
      complete: async () => {
        if (failAt === 'complete') throw new Error('interrupted')
        person = null
      },
      log: silentLog,
    },
  }
}

describe('deleteAccount', () => {
  it.each([...names, 'complete'])('completes after an interruption at "%s"', async (point) => {
    const world = arrange()
    world.interruptAt(point)
    await expect(deleteAccount(world.deps, 'deletion-1')).rejects.toThrow('interrupted')
    expect(world.isComplete()).toBe(false)
    world.interruptAt(undefined)
    await deleteAccount(world.deps, 'deletion-1')
    expect(world.kept.size).toBe(0)
    expect(world.isComplete()).toBe(true)
  })

  it('closes the sessions first and forgets the account last', async () => {
    const world = arrange()
    await deleteAccount(world.deps, 'deletion-1')
    expect(world.order).toEqual([...names])
  })

  it('does nothing for a person who is already forgotten', async () => {
    const world = arrange()
    await deleteAccount(world.deps, 'deletion-1')
    await deleteAccount(world.deps, 'deletion-1')
    expect(world.order).toHaveLength(names.length)
  })

  it('continues in another delivery when its time is over, and is not complete before', async () => {
    const world = arrange()
    world.time.out.abort()
    await deleteAccount(world.deps, 'deletion-1')
    expect([world.resumed, world.order, world.isComplete()]).toEqual([['deletion-1'], [], false])
    world.time.out = new AbortController()
    await deleteAccount(world.deps, 'deletion-1')
    expect([world.resumed, world.order, world.isComplete()]).toEqual([['deletion-1'], [...names], true])
  })

  it('rejects an unknown deletion', async () => {
    await expect(deleteAccount(arrange().deps, 'deletion-2')).rejects.toThrow('There is no deletion "deletion-2"')
  })
})
