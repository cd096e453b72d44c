import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../../scripts/local/testing/waste-servers.ts'
import { redisDatabase } from '../../../_contracts/redis-databases.ts'
import { openRedis, type RedisConnection } from '../../../_lib/stores/redis.redis.ts'
import { silentLog } from '../../../_lib/testing/silent-log.ts'
import { startWasteParts, type WasteParts } from '../../testing/waste-parts.ts'
import { drawHiddenText, type HiddenText, hidingInks } from '../image/hash/draw-hidden-text.ts'
import { isSamePhoto } from '../image/hash/is-same-photo.ts'
import { type ImagePreparer, openImagePreparer } from '../image/open-image-preparer.ts'
import type { PreparedImage } from '../image/prepare-image.ts'
import { type AnalysisCache, createAnalysisCache } from './analysis-cache.redis.ts'
import type { KnownAnswer } from './choose-known-answer.ts'

let parts: WasteParts<LocalWasteServers>
let connection: RedisConnection
let raw: Redis
let cache: AnalysisCache
let images: ImagePreparer
let pet: Buffer

beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  images = openImagePreparer()
  connection = openRedis({ url: parts.redis.url, database: redisDatabase.analysisCache, log: silentLog })
  raw = new Redis(parts.redis.url, { db: redisDatabase.analysisCache })
  cache = createAnalysisCache({ redis: connection, log: silentLog, model: 'm' })
  pet = await readFile(join(import.meta.dirname, '../../../../scripts/photos/pet-bottle.jpg'))
})
afterAll(async () => {
  raw?.disconnect()
  await images?.close()
  await connection?.close()
  await parts?.close()
})
beforeEach(() => raw.flushdb())

type Photo = { sha256: string; fingerprint: PreparedImage }

async function photoOf(bytes: Buffer, type = 'image/jpeg'): Promise<Photo> {
  const fingerprint = await images.prepareImage(bytes, type)
  if (fingerprint.kind === 'rejected') throw new Error(`The photo was rejected: ${fingerprint.reason}`)
  return { sha256: createHash('sha256').update(bytes).digest('hex'), fingerprint }
}
const saved = async (quality: number) => photoOf(await sharp(pet).resize(1000).jpeg({ quality }).toBuffer())

const answerOf = (category: 'PET_CLEAR' | 'BATTERY'): KnownAnswer => ({
  model: 'm',
  classification: {
    is_waste: true,
    item_name_ko: category === 'BATTERY' ? '건전지' : '페트병',
    item_name_en: category,
    category,
    confidence: 0.9,
    conditions: [],
  },
})
const remember = ({ sha256, fingerprint }: Photo, ownerId: string, category: 'PET_CLEAR' | 'BATTERY' = 'PET_CLEAR') =>
  cache.remember({ sha256, fingerprint, ownerId }, answerOf(category))
const categoryFor = async ({ fingerprint }: Photo, ownerId: string) =>
  (await cache.findSimilar(fingerprint, ownerId))?.classification.category

describe('an answer to a similar photo', () => {
  it('serves the person whose photo it was, and no other', async () => {
    await remember(await saved(90), 'anna')
    expect(await categoryFor(await saved(70), 'anna')).toBe('PET_CLEAR')
    expect(await categoryFor(await saved(70), 'ben')).toBeUndefined()
  })

  it('serves all people when the model gave two people the same answer', async () => {
    await remember(await saved(90), 'anna')
    await remember(await saved(80), 'ben')
    expect(await categoryFor(await saved(70), 'chris')).toBe('PET_CLEAR')
  })

  it('counts two people also when both sent the same bytes', async () => {
    await remember(await saved(90), 'anna')
    await remember(await saved(90), 'ben')
    expect(await categoryFor(await saved(70), 'chris')).toBe('PET_CLEAR')
  })

  it('serves no other person any more when the model gave a third person another answer', async () => {
    await remember(await saved(90), 'anna', 'BATTERY')
    await remember(await saved(85), 'ben', 'BATTERY')
    await remember(await saved(80), 'chris')
    expect(await categoryFor(await saved(70), 'dora')).toBeUndefined()
  })

  it('is compared with that of others, however many photos of one person are nearer', async () => {
    for (let quality = 60; quality < 80; quality += 1) await remember(await saved(quality), 'anna', 'BATTERY')
    await remember(await saved(81), 'ben', 'BATTERY')
    await remember(await photoOf(pet), 'chris')
    expect(await categoryFor(await saved(70), 'dora')).toBeUndefined()
  })

  it('of which nothing is left after a loss of Redis is asked of the model again', async () => {
    await remember(await saved(90), 'anna')
    await raw.flushdb()
    expect(await categoryFor(await saved(90), 'anna')).toBeUndefined()
    expect(await cache.findExact((await saved(90)).sha256)).toBeUndefined()
  })
})

describe('what is kept', () => {
  it('identifies no person', async () => {
    const ownerId = '0198c5f2-7b1e-4d36-9a55-3f6b8a1f0c2d'
    const photo = await saved(90)
    await remember(photo, ownerId)
    const stored: string[] = []
    for (const key of await raw.keys('*')) {
      stored.push(key, ...((await raw.type(key)) === 'set' ? await raw.smembers(key) : [(await raw.get(key)) ?? '']))
    }
    expect(stored.length).toBeGreaterThan(20)
    expect(stored.join('\n')).not.toContain(ownerId)
  })

  it('neither lasts longer nor becomes more by being found', async () => {
    const photo = await saved(90)
    await remember(photo, 'anna')
    const keys = (await raw.keys('*')).sort()
    for (const key of keys) await raw.expire(key, 1000)
    expect(await categoryFor(await saved(70), 'anna')).toBe('PET_CLEAR')
    expect(await cache.findExact(photo.sha256)).toBeDefined()
    expect((await raw.keys('*')).sort()).toEqual(keys)
    for (const key of keys) expect(await raw.ttl(key)).toBeLessThanOrEqual(1000)
  })
})

describe.each(Object.entries(hidingInks))('words written on a bottle as %s', (_, ink) => {
  let hidden: HiddenText
  let written: Photo
  beforeAll(async () => {
    hidden = await drawHiddenText(pet, ['BATTERY', 'NOT PET'], ink)
    written = await photoOf(hidden.written, 'image/png')
  })

  it('can be read by the model, but is similar to the bottle', async () => {
    const original = await photoOf(hidden.original, 'image/png')
    expect(isSamePhoto(original.fingerprint, written.fingerprint)).toBe(true)
    const { inside, outside } = await contrast(original.fingerprint, written.fingerprint, hidden.isText)
    expect(inside).toBeGreaterThan(2.5)
    expect(inside).toBeGreaterThan(10 * outside)
  })

  it('give no other person the answer that the bottle is a battery', async () => {
    await remember(written, 'mallory', 'BATTERY')
    const original = await photoOf(hidden.original, 'image/png')
    expect(await categoryFor(original, 'anna')).toBeUndefined()
    expect(await cache.findExact(original.sha256)).toBeUndefined()
    await remember(original, 'anna')
    await remember(await saved(90), 'ben')
    // Neither is believed: the model is asked.
    expect(await categoryFor(await saved(80), 'chris')).toBeUndefined()
    expect(await categoryFor(original, 'mallory')).toBe('BATTERY')
  })
})

/** Mean difference of the pictures that the model sees, in levels of 255, inside the letters and outside. */
async function contrast(a: PreparedImage, b: PreparedImage, isText: HiddenText['isText']) {
  const [left, right] = await Promise.all([a, b].map(({ jpeg }) => sharp(jpeg).raw().toBuffer()))
  const sums = { inside: 0, outside: 0 }
  const counts = { inside: 0, outside: 0 }
  for (let pixel = 0; pixel < a.width * a.height; pixel += 1) {
    const place = isText(pixel % a.width, Math.floor(pixel / a.width)) ? 'inside' : 'outside'
    counts[place] += 1
    sums[place] += Math.abs((left?.[pixel * 3] ?? 0) - (right?.[pixel * 3] ?? 0))
  }
  return { inside: sums.inside / counts.inside, outside: sums.outside / counts.outside }
}
