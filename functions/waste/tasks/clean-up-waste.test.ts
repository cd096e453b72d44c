import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { redisDatabase } from '../../_contracts/redis-databases.ts'
import { UnavailableError } from '../../_lib/http/errors.ts'
import { createResources } from '../../_lib/process/resources.ts'
import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { openRedis, type RedisConnection } from '../../_lib/stores/redis.redis.ts'
import { type ObjectSweeper, openObjectSweeper } from '../../_lib/stores/s3/object-sweeper.s3.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { objectStoreOptions } from '../../_lib/variables/groups.ts'
import { createAnalysisCache } from '../analysis/cache/analysis-cache.redis.ts'
import { promptVersion } from '../analysis/model/classification.ts'
import { preparedKeyOf } from '../prepared-key.ts'
import { startWasteParts, type WasteParts } from '../testing/waste-parts.ts'
import { createPhotoArchiver } from './archive-photos.pg.ts'
import { createAbandonedJobsCleanup, createBudgetCleanup } from './expire-waste.pg.ts'
import { createSimilarityIndexPruner } from './prune-similarity-index.redis.ts'
import { createUploadRemover } from './remove-uploads.pg.ts'

const resources = createResources()
let parts: WasteParts<LocalWasteServers>
let database: Database
let objects: ObjectSweeper
let redis: RedisConnection
beforeAll(async () => {
  parts = resources.add(await startWasteServers().then(startWasteParts))
  database = parts.database.openAs('waste')
  objects = resources.add(openObjectSweeper(objectStoreOptions(parts.environment as never)))
  redis = resources.add(openRedis({ url: parts.redis.url, database: redisDatabase.analysisCache, log: silentLog }))
})
afterAll(resources.close)
beforeEach(async () => {
  await parts.database.query('truncate waste.jobs, waste.model_budget cascade')
  await redis.use((client) => client.flushdb())
})

async function runAll(step: CleanupStep, dryRun = false): Promise<number> {
  let total = 0
  for (let from: string | undefined; ; ) {
    const batch = await step.run(from, dryRun)
    for (const count of Object.values(batch.removed)) total += count
    if (batch.next === undefined) return total
    from = batch.next
  }
}

async function insertEnded(state: 'completed' | 'failed', age: string, reason = 'photo_refused') {
  const job = await parts.insertJob({ state, failure_reason: state === 'failed' ? reason : null })
  await parts.database.query('update waste.jobs set finished_at = now() - $2::interval where job_id = $1', [
    job.jobId,
    age,
  ])
  await parts.store.write(job.objectKey, Buffer.from('photo'), 'image/jpeg')
  return job
}

describe('uploads of jobs that have ended', () => {
  const remover = (jobsAtOnce = 50) => createUploadRemover({ database, removeAll: objects.removeAll, jobsAtOnce })
  const remains = (job: { objectKey: string }) => parts.store.exists(job.objectKey)

  it('go a day after, of completed and of failed jobs, and no others', async () => {
    const gone = [await insertEnded('completed', '25 hours'), await insertEnded('failed', '25 hours')]
    const kept = [
      await insertEnded('completed', '23 hours'),
      await parts.queuePhoto(Buffer.from('photo'), { updated_seconds: -999_999 }),
    ]
    // Its key is the beginning of no other's, nor may it be taken for one.
    const neighbour = `${gone[0]?.objectKey}-neighbour`
    await parts.store.write(neighbour, Buffer.from('photo'), 'image/jpeg')
    expect(await runAll(remover())).toBe(2)
    for (const job of gone) expect(await remains(job)).toBe(false)
    for (const job of kept) expect(await remains(job)).toBe(true)
    expect(await parts.store.exists(neighbour)).toBe(true)
    expect(await runAll(remover())).toBe(0)
  })

  it('go with the pictures that were prepared from them', async () => {
    const job = await insertEnded('failed', '25 hours')
    const prepared = preparedKeyOf(job.objectKey)
    await parts.store.write(prepared, Buffer.from('picture'), 'image/jpeg')
    expect(await runAll(remover())).toBe(1)
    expect(await parts.store.exists(prepared)).toBe(false)
  })

  it('are counted by a dry run, and stay', async () => {
    const job = await insertEnded('failed', '25 hours')
    expect(await runAll(remover(), true)).toBe(1)
    expect(await remains(job)).toBe(true)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ upload_removed_at: null })
  })

  it('are removed later when the store is unavailable, and are no error when they are gone', async () => {
    const job = await insertEnded('failed', '25 hours')
    const away = createUploadRemover({
      database,
      removeAll: () => Promise.reject(new UnavailableError('objects', 'away')),
    })
    await expect(runAll(away)).rejects.toThrow('away')
    expect(await parts.jobRow(job.jobId)).toMatchObject({ upload_removed_at: null })
    await parts.store.remove(job.objectKey)
    expect(await runAll(remover())).toBe(1)
  })

  it('are removed once each by two at the same time, in batches', async () => {
    const jobs = await Promise.all(Array.from({ length: 12 }, () => insertEnded('failed', '2 days')))
    const counts = await Promise.all([runAll(remover(3)), runAll(remover(3))])
    const left = await runAll(remover())
    expect(counts.reduce((sum, count) => sum + count, left)).toBe(12)
    for (const job of jobs) expect(await remains(job)).toBe(false)
  })
})

describe('abandoned jobs', () => {
  it('are deleted after 30 days, once their upload is gone; failed and completed jobs stay', async () => {
    const abandoned = await insertEnded('failed', '31 days', 'upload_expired')
    const kept = [
      await insertEnded('failed', '29 days', 'upload_expired'),
      await insertEnded('failed', '31 days', 'photo_refused'),
      await insertEnded('completed', '31 days'),
    ]
    const step = createAbandonedJobsCleanup(database)
    expect(await runAll(step)).toBe(0)
    await runAll(createUploadRemover({ database, removeAll: objects.removeAll }))
    expect(await runAll(step, true)).toBe(1)
    expect(await runAll(step)).toBe(1)
    await expect(parts.jobRow(abandoned.jobId)).rejects.toThrow()
    for (const job of kept) expect(await parts.jobRow(job.jobId)).toBeDefined()
  })
})

describe('photos of results', () => {
  async function insertResult(age: string, photoKey: string | null) {
    const job = await parts.insertJob({ state: 'completed' })
    await parts.database.query(
      `insert into waste.results (job_id, owner_id, waste_type, category, recyclable, confidence, item_name, feedback,
         disposal_steps, nearby_bins, answered_by, model, image_sha256, photo_key, analyzed_at)
       values ($1, $2, 'paper', 'PAPER', true, 0.9, '신문지', '', '[]', '[]', 'model', 'test', '', $3, now() - $4::interval)`,
      [job.jobId, job.ownerId, photoKey, age],
    )
    return job
  }
  const archived = async ({ jobId }: { jobId: string }) =>
    (
      await parts.database.query<{ archived: boolean; photo_key: string | null }>(
        'select photo_archived_at is not null as archived, photo_key from waste.results where job_id = $1',
        [jobId],
      )
    )[0]

  it('are noted as archived after 30 days, once, and stay where they are', async () => {
    const old = await insertResult('30 days 1 minute', 'photos/a.jpg')
    const young = await insertResult('29 days 23 hours', 'photos/b.jpg')
    const without = await insertResult('31 days', null)
    await parts.store.write('photos/a.jpg', Buffer.from('photo'), 'image/jpeg')
    const step = createPhotoArchiver(database, { batchRows: 1 })
    expect(await runAll(step, true)).toBe(1)
    expect(await archived(old)).toMatchObject({ archived: false })
    expect(await runAll(step)).toBe(1)
    expect(await archived(old)).toEqual({ archived: true, photo_key: 'photos/a.jpg' })
    expect(await archived(young)).toMatchObject({ archived: false })
    expect(await archived(without)).toMatchObject({ archived: false })
    expect(await parts.store.exists('photos/a.jpg')).toBe(true)
    expect(await runAll(step)).toBe(0)
  })

  it('do not have their day counted again', async () => {
    const job = await insertResult('31 days', 'photos/c.jpg')
    await parts.database.query('delete from waste.changed_days')
    await runAll(createPhotoArchiver(database))
    expect(await archived(job)).toMatchObject({ archived: true })
    expect(await parts.database.query('select 1 from waste.changed_days')).toEqual([])
  })
})

it('counts of model calls go when their day is over for two days, in Seoul', async () => {
  await parts.database.query(
    `insert into waste.model_budget (period, calls)
     select to_char(here - make_interval(days => days), format), 1
     from (select now() at time zone 'Asia/Seoul' as here) as moment, generate_series(0, 4) as days,
       unnest(array['"minute:"YYYY-MM-DD"T"HH24:MI', '"day:"YYYY-MM-DD']) as format`,
  )
  const step = createBudgetCleanup(database, { batchRows: 1 })
  expect(await runAll(step, true)).toBe(4)
  expect(await runAll(step)).toBe(4)
  expect(await parts.database.query('select 1 from waste.model_budget')).toHaveLength(6)
})

describe('the similarity index of the analysis cache', () => {
  const hash = (digit: string) => digit.repeat(64)
  const answer = { classification: {} as never, model: 'm:1' }
  const cache = () => createAnalysisCache({ redis, log: silentLog, model: 'm:1' })
  const remember = (sha256: string, digit: string) =>
    cache().remember(
      { sha256, fingerprint: { perceptualHash: hash(digit), colourGrid: '' }, ownerId: 'an-owner' },
      answer,
    )
  const forget = (sha256: string, digit: string) =>
    redis.use(async (client) => {
      const keys = await client.keys(`photo:${promptVersion}:m:1:${hash(digit)}:${sha256}:*`)
      return keys.length === 0 ? 0 : client.del(...keys)
    })
  const membersOf = async () => {
    const keys = await redis.use((client) => client.keys('band:*'))
    const members = await Promise.all(keys.map((key) => redis.use((client) => client.smembers(key))))
    return members.flat().sort()
  }

  it('lose the photos that the cache has forgotten, and keep the others', async () => {
    const [kept, gone, alone] = [randomUUID(), randomUUID(), randomUUID()]
    await remember(kept, 'a')
    await remember(gone, 'a')
    await remember(alone, 'b')
    expect(await forget(gone, 'a')).toBe(1)
    expect(await forget(alone, 'b')).toBe(1)
    const before = await membersOf()
    const bands = before.filter((member) => member.includes(kept)).length
    expect(bands).toBeGreaterThan(0)
    expect(await runAll(createSimilarityIndexPruner(redis), true)).toBe(2 * bands)
    expect(await membersOf()).toEqual(before)
    expect(await runAll(createSimilarityIndexPruner(redis))).toBe(2 * bands)
    expect(await membersOf()).toEqual(before.filter((member) => member.includes(kept)))
    expect(await runAll(createSimilarityIndexPruner(redis))).toBe(0)
  })

  it('are gone through page by page, each from where the last ended', async () => {
    for (let count = 0; count < 40; count += 1) {
      const digit = (count % 16).toString(16)
      const sha256 = randomUUID()
      await remember(sha256, digit)
      await forget(sha256, digit)
    }
    const before = (await membersOf()).length
    const pruner = createSimilarityIndexPruner(redis)
    expect((await pruner.run(undefined, true)).next).toBeDefined()
    expect(await runAll(pruner)).toBe(before)
    expect(await membersOf()).toEqual([])
  })

  it('ignores keys of an unknown form', async () => {
    await redis.use((client) => client.pipeline().sadd('band:strange', 'x').set('exact:a:b', '1').exec())
    expect(await runAll(createSimilarityIndexPruner(redis))).toBe(0)
    expect(await redis.use((client) => client.smembers('band:strange'))).toEqual(['x'])
  })
})
