import { outOfMemory } from './command-error.ts'
import type { Keyspace } from './keyspace.ts'

const SAMPLED_KEYS = 16

/**
 * Bounds the size of the databases. `makeRoom` is called before a command that may grow them: it removes the least
 * recently used of a few sampled keys until there is room, keys that expire before those that do not.
 */
export function createMemoryBound(databases: readonly Keyspace[], sizeBytesMax: number) {
  // Continues through the keys from one call to the next, so that every key is visited.
  const walks = { volatile: createWalk(databases, 'volatile'), any: createWalk(databases, 'any') }
  const usedBytes = () => databases.reduce((sum, database) => sum + database.usedBytes(), 0)

  return {
    usedBytes,
    makeRoom() {
      while (usedBytes() > sizeBytesMax) {
        const victim = walks.volatile.leastRecentlyUsed() ?? walks.any.leastRecentlyUsed()
        if (!victim) throw outOfMemory()
        victim.database.delete(victim.key)
      }
    },
  }
}

type Candidate = { database: Keyspace; key: string; usedAtTick: number }

function createWalk(databases: readonly Keyspace[], only: 'volatile' | 'any') {
  function* round(): Generator<{ database: Keyspace; key: string }> {
    for (const database of databases) for (const key of database.names(only)) yield { database, key }
  }
  let rest = round()

  return {
    leastRecentlyUsed(): Candidate | undefined {
      let oldest: Candidate | undefined
      let rounds = 0
      for (let seen = 0; seen < SAMPLED_KEYS && rounds < 2; ) {
        const next = rest.next()
        if (next.done) {
          rest = round()
          rounds += 1
          continue
        }
        const entry = next.value.database.peek(next.value.key)
        if (!entry) continue
        seen += 1
        if (!oldest || entry.usedAtTick < oldest.usedAtTick) oldest = { ...next.value, usedAtTick: entry.usedAtTick }
      }
      return oldest
    },
  }
}
