import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Logger } from '../../../_lib/process/log.ts'
import type { RedisConnection } from '../../../_lib/stores/redis.redis.ts'
import { isSamePhoto, PERCEPTUAL_DISTANCE_MAX, type PhotoPrint } from '../image/hash/is-same-photo.ts'
import { bandsOf, hammingDistance } from '../image/hash/perceptual-hash.ts'
import { classificationSchema, promptVersion } from '../model/classification.ts'
import * as keys from './analysis-cache-keys.ts'
import { chooseKnownAnswer, type KnownAnswer, type LikePhoto } from './choose-known-answer.ts'

export const knownAnswerSchema = z.object({ classification: classificationSchema, model: z.string() })

const knownPhotoSchema = z.object({
  perceptualHash: z.string(),
  thumbprint: z.string(),
  answer: knownAnswerSchema,
})

/** Answers of the last seven days, as the model gave them. Nothing here throws: without Redis every photo is new. */
export type AnalysisCache = {
  /** What was said of the same bytes, whoever sent them. */
  findExact: (sha256: string) => Promise<KnownAnswer | undefined>
  /** What was said of photos that are, within the measured limits, other saves of this one; see `chooseKnownAnswer`. */
  findSimilar: (print: PhotoPrint, ownerId: string) => Promise<KnownAnswer | undefined>
  /** Only for what the model itself said of these bytes: an answer that was found here must not come back as another photo's. */
  remember: (photo: { sha256: string; print: PhotoPrint; ownerId: string }, answer: KnownAnswer) => Promise<void>
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
// Nobody keeps the photos of others out of the comparison by many of their own.
const candidatesOfPersonMax = 2

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

  const findLike = async (print: PhotoPrint, hash: string): Promise<LikePhoto[]> => {
    // Two hashes within 15 bits share at least one of 16 bands, so no photo within the limit is missed.
    const members = await redis.use((client) => client.sunion(...bandKeys(hash)))
    const nearest = nearestOf(members, hash)
    if (nearest.length === 0) return []
    const texts = await redis.use((client) => client.mget(...nearest.map(({ member }) => photoKey(member))))
    return nearest.flatMap(({ personMark }, at) => {
      const known = knownPhotoSchema.safeParse(parseJson(texts[at] ?? '')).data
      return known && isSamePhoto(print, known) ? [{ person: personMark, answer: known.answer }] : []
    })
  }

  return {
    findExact: async (sha256) => {
      const text = await redis.use((client) => client.get(exactKey(sha256))).catch(failed('read'))
      return typeof text === 'string' ? knownAnswerSchema.safeParse(parseJson(text)).data : undefined
    },
    findSimilar: async (print, ownerId) => {
      if (print.perceptualHash === null) return undefined
      const photos = await findLike(print, print.perceptualHash).catch(failed('read'))
      return photos && chooseKnownAnswer(photos, personMarkOf(ownerId))
    },
    remember: async ({ sha256, print: { perceptualHash, thumbprint }, ownerId }, answer) => {
      await redis
        .use((client) => {
          const pipeline = client.pipeline().set(exactKey(sha256), JSON.stringify(answer), 'EX', ttlSeconds)
          if (perceptualHash !== null) {
            const member = keys.memberOf(perceptualHash, sha256, personMarkOf(ownerId))
            pipeline.set(photoKey(member), JSON.stringify({ perceptualHash, thumbprint, answer }), 'EX', ttlSeconds)
            for (const key of bandKeys(perceptualHash)) pipeline.sadd(key, member).expire(key, ttlSeconds)
          }
          return pipeline.exec()
        })
        .catch(failed('written'))
    },
  }
}

/** Tells people apart without naming them: an id is random, so nobody finds it by trying. */
const personMarkOf = (ownerId: string) =>
  createHash('sha256').update(`growbin:analysis-cache:${ownerId}`).digest('hex').slice(0, 24)

/** The nearest photos within the limit, few of each person. */
function nearestOf(members: readonly string[], hash: string) {
  const ofPerson = new Map<string, number>()
  return members
    .flatMap((member) => {
      const parts = keys.readMember(member)
      return parts ? [{ member, ...parts, distance: hammingDistance(hash, parts.perceptualHash) }] : []
    })
    .filter(({ distance }) => distance <= PERCEPTUAL_DISTANCE_MAX)
    .sort((a, b) => a.distance - b.distance)
    .filter(({ personMark }) => {
      const count = (ofPerson.get(personMark) ?? 0) + 1
      ofPerson.set(personMark, count)
      return count <= candidatesOfPersonMax
    })
    .slice(0, candidatesMax)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
