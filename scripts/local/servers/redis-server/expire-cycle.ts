import type { Keyspace } from './keyspace.ts'

const SAMPLED_KEYS = 20
const CYCLE_BUDGET_KEYS = 2_000

/**
 * Removes expired keys that no command reads. Each call checks a few keys of every database that may expire, and
 * continues while more than a quarter of those had expired, up to a bound, so that no call delays the commands.
 */
export function createExpireCycle(databases: readonly Keyspace[]): () => void {
  const walks = databases.map((database) => ({ database, rest: database.names('volatile') }))
  return () => {
    for (const walk of walks) {
      for (let looked = 0; looked < CYCLE_BUDGET_KEYS && walk.database.volatileSize() > 0; looked += SAMPLED_KEYS) {
        if (expireSome(walk) <= SAMPLED_KEYS / 4) break
      }
    }
  }
}

function expireSome(walk: { database: Keyspace; rest: Generator<string> }): number {
  let expired = 0
  for (let seen = 0; seen < SAMPLED_KEYS; seen += 1) {
    const next = walk.rest.next()
    if (next.done) {
      walk.rest = walk.database.names('volatile')
      continue
    }
    if (!walk.database.peek(next.value)) expired += 1
  }
  return expired
}
