import type { CleanupStep, Removed } from '../../_lib/stores/cleanup.ts'
import type { RedisConnection } from '../../_lib/stores/redis.redis.ts'
import { everySegmentKey, photoKey, scopeOfSegmentKey } from '../analysis/cache/analysis-cache-keys.ts'

const keysPerPage = 100
const membersAtOnce = 500

/**
 * Takes photos that the analysis cache has forgotten out of its bands: a band lives for as long as it is used, its members do
 * not. One batch is one page of a scan. A photo that is remembered at this very moment may lose a band, and is then asked of
 * the model once more.
 */
export function createSimilarityIndexPruner(redis: RedisConnection): CleanupStep {
  const prune = async (key: string, dryRun: boolean): Promise<number> => {
    const scope = scopeOfSegmentKey(key)
    if (scope === undefined) return 0
    // Read as a whole, as each look-up of a photo does with sixteen of them.
    const members = await redis.use((client) => client.smembers(key))
    let pruned = 0
    for (let at = 0; at < members.length; at += membersAtOnce) {
      const some = members.slice(at, at + membersAtOnce)
      const found = await redis.use((client) => {
        const pipeline = client.pipeline()
        for (const member of some) pipeline.exists(photoKey(scope, member))
        return pipeline.exec()
      })
      // Only a clear "no" counts: an answer that failed says nothing of the photo.
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
