import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Logger } from '../../../_lib/process/log.ts'
import type { RedisConnection } from '../../../_lib/stores/redis.redis.ts'
import { isSamePhoto, PERCEPTUAL_DISTANCE_MAX, type PhotoFingerprint } from '../image/hash/is-same-photo.ts'
import { hammingDistance, segmentsOf } from '../image/hash/perceptual-hash.ts'
import { classificationSchema, promptVersion } from '../model/classification.ts'
import * as keys from './analysis-cache-keys.ts'
import { chooseKnownAnswer, type KnownAnswer, type SimilarPhoto } from './choose-known-answer.ts'

export const knownAnswerSchema = z.object({ classification: classificationSchema, model: z.string() })

/** As it is stored in Redis, where the colour grid is the field `thumbprint`. */
const knownPhotoSchema = z
  .object({ perceptualHash: z.string(), thumbprint: z.string(), answer: knownAnswerSchema })
  .transform(({ thumbprint: colourGrid, ...photo }) => ({ ...photo, colourGrid }))

/** Answers of the model in the last seven days. Nothing here throws: while Redis is unavailable every photo is new. */
export type AnalysisCache = {
  /** The answer to the same bytes, shared by all people. */
  findExact: (sha256: string) => Promise<KnownAnswer | undefined>
  /** The answer to a similar photo, by the measured limits; see `chooseKnownAnswer`. */
  findSimilar: (fingerprint: PhotoFingerprint, ownerId: string) => Promise<KnownAnswer | undefined>
  /** Only for answers of the model to these bytes: an answer found by similarity must not spread to further photos. */
  remember: (
    photo: { sha256: string; fingerprint: PhotoFingerprint; ownerId: string },
    answer: KnownAnswer,
  ) => Promise<void>
}

export type AnalysisCacheOptions = {
  redis: RedisConnection
  log: Logger
  /** Part of the keys, since models give different answers. */
  model: string
}

const ttlSeconds = 7 * 24 * 3600
// Bounds the work of a look-up, which compares photos in full.
const candidatesMax = 16
// So that the photos of one person cannot displace those of others.
const candidatesOfPersonMax = 2

export function createAnalysisCache(options: AnalysisCacheOptions): AnalysisCache {
  const { redis, log } = options
  const scope = `${promptVersion}:${options.model}`
  const exactKey = (sha256: string) => keys.exactKey(scope, sha256)
  const photoKey = (member: string) => keys.photoKey(scope, member)
  const segmentKeys = (hash: string) => segmentsOf(hash).map((band, index) => keys.segmentKey(scope, index, band))

  const failed = (what: string) => (error: unknown) => {
    log.debug(`The analysis cache could not be ${what}`, { error })
    return undefined
  }

  const findSimilarPhotos = async (fingerprint: PhotoFingerprint, hash: string): Promise<SimilarPhoto[]> => {
    // Two hashes that differ in at most 15 bits share at least one of 16 segments, so no photo within the limit is missed.
    const members = await redis.use((client) => client.sunion(...segmentKeys(hash)))
    const nearest = nearestOf(members, hash)
    if (nearest.length === 0) return []
    const texts = await redis.use((client) => client.mget(...nearest.map(({ member }) => photoKey(member))))
    return nearest.flatMap(({ personHash }, at) => {
      const known = knownPhotoSchema.safeParse(parseJson(texts[at] ?? '')).data
      return known && isSamePhoto(fingerprint, known) ? [{ person: personHash, answer: known.answer }] : []
    })
  }

  return {
    findExact: async (sha256) => {
      const text = await redis.use((client) => client.get(exactKey(sha256))).catch(failed('read'))
      return typeof text === 'string' ? knownAnswerSchema.safeParse(parseJson(text)).data : undefined
    },
    findSimilar: async (fingerprint, ownerId) => {
      if (fingerprint.perceptualHash === null) return undefined
      const photos = await findSimilarPhotos(fingerprint, fingerprint.perceptualHash).catch(failed('read'))
      return photos && chooseKnownAnswer(photos, personHashOf(ownerId))
    },
    remember: async ({ sha256, fingerprint: { perceptualHash, colourGrid }, ownerId }, answer) => {
      await redis
        .use((client) => {
          const pipeline = client.pipeline().set(exactKey(sha256), JSON.stringify(answer), 'EX', ttlSeconds)
          if (perceptualHash !== null) {
            const member = keys.memberOf(perceptualHash, sha256, personHashOf(ownerId))
            pipeline.set(
              photoKey(member),
              JSON.stringify({ perceptualHash, thumbprint: colourGrid, answer }),
              'EX',
              ttlSeconds,
            )
            for (const key of segmentKeys(perceptualHash)) pipeline.sadd(key, member).expire(key, ttlSeconds)
          }
          return pipeline.exec()
        })
        .catch(failed('written'))
    },
  }
}

/** A hash that identifies a person without the id: ids are random, so it cannot be guessed. */
const personHashOf = (ownerId: string) =>
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
    .filter(({ personHash }) => {
      const count = (ofPerson.get(personHash) ?? 0) + 1
      ofPerson.set(personHash, count)
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
