import * as z from 'zod'
import type { Logger } from '../../_lib/log.ts'
import type { RedisConnection } from '../../_lib/redis.redis.ts'
import * as keys from '../analysis-cache-keys.ts'
import { type Classification, classificationSchema, promptVersion } from './classification.ts'
import { isSamePhoto, type PhotoPrint } from './image/is-same-photo.ts'
import { bandsOf, hammingDistance } from './image/perceptual-hash.ts'

export const knownAnswerSchema = z.object({ classification: classificationSchema, model: z.string() })

const knownPhotoSchema = z.object({
  perceptualHash: z.string(),
  thumbprint: z.string(),
  answer: knownAnswerSchema,
})

/** What the model once said of a photo. */
export type KnownAnswer = { classification: Classification; model: string }

/** Answers of the last seven days. Nothing here throws: without Redis every photo is new. */
export type AnalysisCache = {
  findExact: (sha256: string) => Promise<KnownAnswer | undefined>
  /** The nearest known photo that is, within the measured limits, another save of the same photo. */
  findSimilar: (print: PhotoPrint) => Promise<KnownAnswer | undefined>
  remember: (photo: { sha256: string; print?: PhotoPrint }, answer: KnownAnswer) => Promise<void>
}

export type AnalysisCacheOptions = {
  redis: RedisConnection
  log: Logger
  /** The model is part of the key: an answer of another model is another answer. */
  model: string
}

const ttlSeconds = 7 * 24 * 3600
// Photos are compared in full, so a look-up must not have to compare with many.
const candidatesMax = 16

export function createAnalysisCache(options: AnalysisCacheOptions): AnalysisCache {
  const { redis, log } = options
  const scope = `${promptVersion}:${options.model}`
  const exactKey = (sha256: string) => keys.exactKey(scope, sha256)
  const photoKey = (member: string) => keys.photoKey(scope, member)
  const bandKeys = (hash: string) => bandsOf(hash).map((band, index) => keys.bandKey(scope, index, band))

  const failed = (what: string) => (error: unknown) => {
    log.debug(`The analysis cache could not be ${what}`, { error })
    return undefined
  }

  const findNearest = async (print: PhotoPrint, hash: string): Promise<KnownAnswer | undefined> => {
    // Two hashes within 15 bits share at least one of 16 bands, so no photo within the limit is missed.
    const members = await redis.use((client) => client.sunion(...bandKeys(hash)))
    const nearest = members
      .map((member) => ({ member, distance: hammingDistance(hash, member.slice(0, hash.length)) }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, candidatesMax)
    if (nearest.length === 0) return undefined
    const texts = await redis.use((client) => client.mget(...nearest.map(({ member }) => photoKey(member))))
    for (const text of texts) {
      const known = text === null ? undefined : knownPhotoSchema.safeParse(parseJson(text)).data
      if (known && isSamePhoto(print, known)) return known.answer
    }
    return undefined
  }

  return {
    findExact: async (sha256) => {
      const text = await redis.use((client) => client.get(exactKey(sha256))).catch(failed('read'))
      return typeof text === 'string' ? knownAnswerSchema.safeParse(parseJson(text)).data : undefined
    },
    findSimilar: async (print) =>
      print.perceptualHash === null ? undefined : findNearest(print, print.perceptualHash).catch(failed('read')),
    remember: async ({ sha256, print }, answer) => {
      await redis
        .use((client) => {
          const pipeline = client.pipeline().set(exactKey(sha256), JSON.stringify(answer), 'EX', ttlSeconds)
          if (print && print.perceptualHash !== null) {
            const { perceptualHash, thumbprint } = print
            const member = `${perceptualHash}:${sha256}`
            pipeline.set(photoKey(member), JSON.stringify({ perceptualHash, thumbprint, answer }), 'EX', ttlSeconds)
            for (const key of bandKeys(perceptualHash)) pipeline.sadd(key, member).expire(key, ttlSeconds)
          }
          return pipeline.exec()
        })
        .catch(failed('written'))
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
