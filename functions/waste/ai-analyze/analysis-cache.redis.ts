import * as z from 'zod'
import type { Logger } from '../../_lib/log.ts'
import type { RedisConnection } from '../../_lib/redis.redis.ts'
import { type Classification, classificationSchema, promptVersion } from './classification.ts'
import { bandsOf, hammingDistance } from './image/perceptual-hash.ts'

const knownAnswerSchema = z.object({ classification: classificationSchema, model: z.string() })

/** What the model once said of a photo. */
export type KnownAnswer = { classification: Classification; model: string }

/** Answers of the last seven days. Nothing here throws: without Redis every photo is new. */
export type AnalysisCache = {
  findExact: (sha256: string) => Promise<KnownAnswer | undefined>
  /** The nearest known photo within the measured distance. */
  findSimilar: (perceptualHash: string) => Promise<KnownAnswer | undefined>
  remember: (photo: { sha256: string; perceptualHash?: string | undefined }, answer: KnownAnswer) => Promise<void>
}

export type AnalysisCacheOptions = {
  redis: RedisConnection
  log: Logger
  /** The model is part of the key: an answer of another model is another answer. */
  model: string
  perceptualDistanceMax: number
}

const ttlSeconds = 7 * 24 * 3600
// A band of a very common value would make every look-up slow.
const candidatesMax = 64

export function createAnalysisCache(options: AnalysisCacheOptions): AnalysisCache {
  const { redis, log } = options
  const scope = `${promptVersion}:${options.model}`
  const exactKey = (sha256: string) => `exact:${scope}:${sha256}`
  const hashKey = (hash: string) => `phash:${scope}:${hash}`
  const bandKeys = (hash: string) => bandsOf(hash).map((band, index) => `band:${scope}:${index}:${band}`)

  const read = async (key: string): Promise<KnownAnswer | undefined> => {
    const text = await redis.use((client) => client.get(key))
    if (text === null) return undefined
    return knownAnswerSchema.safeParse(JSON.parse(text)).data
  }
  const orUndefined = (error: unknown) => {
    log.debug('The analysis cache could not be read', { error })
    return undefined
  }

  return {
    findExact: (sha256) => read(exactKey(sha256)).catch(orUndefined),
    findSimilar: async (hash) => {
      try {
        const candidates = await redis.use((client) => client.sunion(...bandKeys(hash)))
        let nearest: { hash: string; distance: number } | undefined
        for (const candidate of candidates.slice(0, candidatesMax)) {
          const distance = hammingDistance(hash, candidate)
          if (distance > options.perceptualDistanceMax) continue
          if (!nearest || distance < nearest.distance) nearest = { hash: candidate, distance }
        }
        return nearest && (await read(hashKey(nearest.hash)))
      } catch (error) {
        return orUndefined(error)
      }
    },
    remember: async (photo, answer) => {
      const text = JSON.stringify(answer)
      const { perceptualHash } = photo
      await redis
        .use((client) => {
          const pipeline = client.pipeline().set(exactKey(photo.sha256), text, 'EX', ttlSeconds)
          if (perceptualHash !== undefined) {
            pipeline.set(hashKey(perceptualHash), text, 'EX', ttlSeconds)
            for (const key of bandKeys(perceptualHash)) pipeline.sadd(key, perceptualHash).expire(key, ttlSeconds)
          }
          return pipeline.exec()
        })
        .catch((error: unknown) => log.debug('An answer could not be remembered', { error }))
    },
  }
}
