import type { CleanupStep, Removed } from '../../_lib/stores/cleanup.ts'
import type { RedisConnection } from '../../_lib/stores/redis.redis.ts'
import { everySegmentKey, photoKey, scopeOfSegmentKey } from '../analysis/cache/analysis-cache-keys.ts'

const keysPerPage = 100
const membersAtOnce = 500

/**
 * Removes expired photos from the similarity index: the set of a hash segment lives while it is used, longer than its
 * members. One batch is one page of a scan. A photo that is cached concurrently may lose a segment; the model is then asked
 * once more.
 */
export function createSimilarityIndexPruner(redis: RedisConnection): CleanupStep {
  const prune = async (key: string, dryRun: boolean): Promise<number> => {
    const scope = scopeOfSegmentKey(key)
    if (scope === undefined) return 0
    // Reads the whole set, as each look-up of a photo does with sixteen sets.
    const members = await redis.use((client) => client.smembers(key))
    let pruned = 0
    for (let at = 0; at < members.length; at += membersAtOnce) {
      const some = members.slice(at, at + membersAtOnce)
      const found = await redis.use((client) => {
        const pipeline = client.pipeline()
        for (const member of some) pipeline.exists(photoKey(scope, member))
        return pipeline.exec()
      })
      // Only a definite 0 counts; a failed command does not prove that the photo is gone.
      const gone = some.filter((_, index) => found?.[index]?.[0] === null && found[index]?.[1] === 0)
      if (gone.length > 0 && !dryRun) await redis.use((client) => client.srem(key, ...gone))
      pruned += gone.length
    }
    return pruned
  }

  return {
    name: 'cached_bands',
    run: async (from, dryRun) => {
      const [next, keys] = await redis.use((client) =>
        client.scan(from ?? '0', 'MATCH', everySegmentKey, 'COUNT', keysPerPage),
      )
      let pruned = 0
      for (const key of keys) pruned += await prune(key, dryRun)
      return { removed: { cached_bands: pruned } satisfies Removed, next: next === '0' ? undefined : next }
    },
  }
}
