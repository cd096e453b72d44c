import { createHash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { imageBytesMax } from '../image-content-type.ts'
import { stages } from '../job/job.ts'
import { createSnapshotReader } from '../snapshot/find-snapshot.pg.ts'
import { type JobFields, startWasteParts, type TestJob, type WasteParts } from '../testing/waste-parts.ts'
import { start } from './main.ts'

let parts: WasteParts<LocalWasteServers>
let analyzing: FunctionInstance
let redis: Redis
let pet: Buffer
let can: Buffer
const photo = (name: string) => readFile(join(import.meta.dirname, '../../../scripts/photos', name))

beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  analyzing = await parts.start(start)
  redis = new Redis(parts.redis.url)
  redis.on('error', () => undefined)
  ;[pet, can] = await Promise.all([photo('pet-bottle.jpg'), photo('aluminium-can.jpg')])
})
afterAll(async () => {
  redis?.disconnect()
  await parts?.close()
})
beforeEach(async () => {
  await parts.redis.faults.up()
  parts.objects.faults.clear()
  parts.broker.answer(202)
  parts.model.control.reset()
  await redis.flushall()
  await parts.database.query('truncate waste.jobs, waste.results, waste.model_calls, waste.model_budget cascade')
  await parts.database.query(`update waste.model_circuit set open_until = 'epoch'`)
})

const cityHall = { latitude: 37.5663, longitude: 126.9779 }
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function analyze(bytes: Uint8Array, fields: Partial<JobFields> = {}, instance = analyzing) {
  const job = await parts.queuePhoto(bytes, fields)
  const response = await parts.deliver(instance, job)
  return { job, response, row: await parts.jobRow(job.jobId), result: await resultOf(job) }
}

const resultOf = async ({ jobId }: TestJob) =>
  (await parts.database.query<Record<string, unknown>>('select * from waste.results where job_id = $1', [jobId]))[0]

const calls = () => parts.model.control.calls()
const keptKey = (job: TestJob, bytes: Uint8Array) => `photos/${job.ownerId}/${digest(bytes)}.jpg`
const copyOf = async ({ jobId }: TestJob, end = ':end') => {
  await redis.select(1)
  const text = await redis.get(`job:${jobId}${end}`)
  return text === null ? undefined : JSON.parse(text)
}

/** The photo as a phone writes it: with the place in it, twice. */
const withPlace = (bytes: Buffer) =>
  sharp(bytes)
    .withExif({
      IFD0: { ImageDescription: 'CANARY 37.5665N' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '37/1 33/1 59/1' },
    })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><!--CANARY 126.9780E--></x:xmpmeta>')
    .jpeg()
    .toBuffer()

describe('the whole way', () => {
  it('answers with category, advice and the nearest bins, saved once and announced', async () => {
    const { job, response, row, result } = await analyze(pet, { ...cityHall, locale: 'en' })
    expect(response.status).toBe(204)
    expect(row).toMatchObject({ state: 'completed', stage: 'done', progress: 100, lease_until: null, fencing_token: 1 })
    expect(result).toMatchObject({
      owner_id: job.ownerId,
      waste_type: expect.stringMatching(/^[a-z]+$/),
      category: 'PET_CLEAR',
      recyclable: true,
      item_name: 'clear PET bottle',
      feedback: expect.stringContaining('clear PET bottle'),
      answered_by: 'model',
      model: expect.stringContaining('simulated'),
      image_sha256: digest(pet),
      photo_key: keptKey(job, pet),
    })
    expect(result?.nearby_bins).toMatchObject([{ kind: 'PET_MACHINE' }, { kind: 'RECYCLE_BIN' }])
    expect((await copyOf(job)).result).toMatchObject({ job_id: job.jobId, category: 'PET_CLEAR', answered_by: 'model' })
    expect(await parts.database.query('select outcome, input_tokens > 0 as counted from waste.model_calls')).toEqual([
      { outcome: 'answered', counted: true },
    ])
    expect(await parts.database.query('select consumer from events.inbox where event_id = $1', [job.eventId])).toEqual([
      { consumer: 'waste-ai-analyze' },
    ])
  })

  it('gives from Redis exactly what PostgreSQL keeps', async () => {
    const { job } = await analyze(pet, cityHall)
    const kept = await createSnapshotReader(parts.database.openAs('waste'))(job.jobId, job.ownerId)
    expect((await copyOf(job)).result).toEqual(kept?.result)
  })

  it('does nothing for an event that is delivered again', async () => {
    const { job, result } = await analyze(pet)
    for (let again = 0; again < 3; again += 1) expect((await parts.deliver(analyzing, job)).status).toBe(204)
    expect(calls().total).toBe(1)
    expect(await resultOf(job)).toEqual(result)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ fencing_token: 1 })
  })

  it('does nothing for an event that is delivered again after the inbox has forgotten it', async () => {
    const { job, result } = await analyze(pet)
    const before = await parts.jobRow(job.jobId)
    for (let again = 0; again < 3; again += 1) {
      await parts.database.query('delete from events.inbox where event_id = $1', [job.eventId])
      expect((await parts.deliver(analyzing, job)).status).toBe(204)
    }
    expect(calls().total).toBe(1)
    expect(await resultOf(job)).toEqual(result)
    expect(await parts.jobRow(job.jobId)).toEqual(before)
  })

  it('ends once with one call when one event is delivered ten times at once', async () => {
    const job = await parts.queuePhoto(pet)
    const responses = await Promise.all(Array.from({ length: 10 }, () => parts.deliver(analyzing, job)))
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([204]))
    expect(calls().total).toBe(1)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'completed', fencing_token: 1 })
  })

  it('records a command for an unknown job, and acknowledges it', async () => {
    const job = { jobId: randomUUID(), ownerId: randomUUID(), objectKey: '', eventId: randomUUID() }
    expect((await parts.deliver(analyzing, job)).status).toBe(202)
    expect(
      await parts.database.query('select reason from events.dead_letters where event_id = $1', [job.eventId]),
    ).toEqual([{ reason: 'unknown_job' }])
  })

  it('has no bins without a location, and none for what is not waste', async () => {
    const { result } = await analyze(can)
    expect(result?.nearby_bins).toEqual([])
    const plant = await analyze(await photo('potted-plant.jpg'), cityHall)
    expect(plant.result).toMatchObject({ category: 'NOT_WASTE', nearby_bins: [], disposal_steps: [] })
  })
})

describe('a known photo', () => {
  it('is answered without a call and without decoding', async () => {
    const first = await analyze(pet)
    const second = await analyze(pet, { owner_id: first.job.ownerId, slot: 2 })
    expect(second.result).toMatchObject({ answered_by: 'exact_match', category: 'PET_CLEAR', item_name: '투명 페트병' })
    expect(calls().total).toBe(1)
    expect(await parts.database.query('select 1 from waste.model_calls where job_id = $1', [second.job.jobId])).toEqual(
      [],
    )
    expect(await parts.store.exists(second.job.objectKey)).toBe(false)
  })

  const smaller = (width: number) => sharp(pet).resize(width).jpeg({ quality: 85 }).toBuffer()

  it('is recognised when the same person saved it again, smaller, which makes it no better known to others', async () => {
    const { job } = await analyze(pet)
    const again = await smaller(1000)
    const { result } = await analyze(again, { owner_id: job.ownerId, slot: 2 })
    expect(result).toMatchObject({ answered_by: 'perceptual_match', category: 'PET_CLEAR' })
    expect(calls().total).toBe(1)
    expect((await analyze(again)).result).toMatchObject({ answered_by: 'model' })
  })

  it('is known for all people when the model gave two people the same answer', async () => {
    await analyze(pet)
    expect((await analyze(await smaller(1100))).result).toMatchObject({ answered_by: 'model' })
    expect((await analyze(await smaller(1000))).result).toMatchObject({ answered_by: 'perceptual_match' })
    expect(calls().total).toBe(2)
  })

  it('is not taken for another photo', async () => {
    await analyze(pet)
    expect((await analyze(can)).result).toMatchObject({ answered_by: 'model', category: 'CAN' })
    expect(calls().total).toBe(2)
  })

  it('shows nothing of who sent it first', async () => {
    const first = await analyze(pet, { ...cityHall, locale: 'ko' })
    const second = await analyze(pet, { locale: 'en' })
    expect(second.result).toMatchObject({ item_name: 'clear PET bottle', nearby_bins: [] })
    const seen = JSON.stringify([second.result, await copyOf(second.job)])
    for (const own of [first.job.ownerId, first.job.jobId, first.job.objectKey, '37.566', '126.977']) {
      expect(seen).not.toContain(own)
    }
    expect(second.result?.photo_key).toBe(keptKey(second.job, pet))
    await redis.select(2)
    const cached = await Promise.all(
      (await redis.keys('*:*')).map((key) =>
        redis
          .type(key)
          .then(async (type) => [key, type === 'string' ? await redis.get(key) : await redis.smembers(key)]),
      ),
    )
    expect(JSON.stringify(cached)).not.toContain(first.job.ownerId)
    expect(JSON.stringify(cached)).not.toContain(first.job.jobId)
  })

  it.each(['{"classification":', '{"classification":{"category":"GOLD"}}', '[]'])(
    'is new when its entry reads %s',
    async (entry) => {
      await analyze(pet)
      await redis.select(2)
      for (const key of await redis.keys('exact:*')) await redis.set(key, entry)
      for (const key of await redis.keys('photo:*')) await redis.set(key, entry)
      const { response, result } = await analyze(pet)
      expect(response.status).toBe(204)
      expect(result).toMatchObject({ answered_by: 'model' })
    },
  )
})

describe('the location and other metadata', () => {
  it('goes neither to the model, nor into what is kept, nor into the answer', async () => {
    const tagged = await withPlace(pet)
    expect(tagged.includes('CANARY')).toBe(true)
    const { job, result } = await analyze(tagged, cityHall)
    expect(calls().recent.flatMap(({ images }) => images.map(({ hasExif }) => hasExif))).toEqual([false])
    const kept = Buffer.from((await parts.store.read(keptKey(job, tagged), 20_000_000)) ?? [])
    expect(kept.includes('CANARY')).toBe(false)
    const { exif, xmp, icc, iptc } = await sharp(kept).metadata()
    expect({ exif, xmp, icc, iptc }).toEqual({})
    expect(JSON.stringify(result)).not.toContain('CANARY')
  })

  it('is gone with the original after the end', async () => {
    const { job } = await analyze(await withPlace(pet))
    expect(await parts.store.exists(job.objectKey)).toBe(false)
  })

  it.each([
    ['completed', 'ok'],
    ['failed', 'refusal'],
  ] as const)('is forgotten by a job that is %s', async (state, outcome) => {
    parts.model.control.set({ queue: [outcome] })
    const { job, row } = await analyze(pet, cityHall)
    expect(row).toMatchObject({ state, latitude: null, longitude: null })
    expect(await parts.store.exists(job.objectKey)).toBe(false)
  })

  it('leaves no photo of a person who deleted the account meanwhile', async () => {
    const job = await parts.queuePhoto(pet)
    await parts.database.query(`
      create function forget() returns trigger language plpgsql as $$ begin
        delete from waste.jobs where job_id = new.job_id; return null; end $$`)
    await parts.database.query(`create constraint trigger forget after insert on waste.results deferrable initially deferred
      for each row execute function forget()`)
    try {
      await parts.deliver(analyzing, job)
    } finally {
      await parts.database.query('drop function forget cascade')
    }
    expect(await parts.store.exists(keptKey(job, pet))).toBe(false)
    expect(await parts.store.exists(job.objectKey)).toBe(false)
  })
})

describe('an object that was changed after it was checked', () => {
  const cases: [string, () => Promise<Buffer | undefined>, string][] = [
    ['a PNG in place of a JPEG', () => sharp(can).png().toBuffer(), 'image_type_mismatch'],
    ['11 MB', async () => Buffer.alloc(11_000_000, 1), 'image_too_large'],
    ['text', async () => Buffer.from('<svg onload="alert(1)"/>'), 'invalid_image'],
    ['half a photo', async () => can.subarray(0, can.length / 2), 'invalid_image'],
    ['nothing', async () => undefined, 'upload_missing'],
    ['zero bytes', async () => Buffer.alloc(0), 'invalid_image'],
    ['100 megapixels', () => plain(10_000, 10_000), 'image_too_large'],
    ['8 pixels', () => plain(8, 8), 'image_too_small'],
  ]
  const plain = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#4a6' } })
      .jpeg()
      .toBuffer()

  it.each(cases)('to %s ends the job without a call', async (_, make, reason) => {
    const job = await parts.queuePhoto(can, { content_length: imageBytesMax })
    const bytes = await make()
    if (bytes) await parts.store.write(job.objectKey, bytes, 'image/jpeg')
    else await parts.store.remove(job.objectKey)
    expect((await parts.deliver(analyzing, job)).status).toBe(204)
    expect(await parts.jobRow(job.jobId)).toMatchObject({
      state: 'failed',
      stage: 'failed',
      progress: -1,
      failure_reason: reason,
    })
    expect(await copyOf(job)).toMatchObject({
      state: 'failed',
      failureReason: reason,
      progress: stages.failed.progress,
    })
    expect(calls().total).toBe(0)
    expect(await parts.store.exists(job.objectKey)).toBe(false)
    expect((await parts.deliver(analyzing, job)).status).toBe(204)
  })
})

describe('outages', () => {
  it('of Redis during the whole analysis do not show', async () => {
    const isolated = await parts.start(start)
    await parts.redis.faults.down()
    const { response, row, result } = await analyze(pet, cityHall, isolated)
    expect([response.status, row.state, result?.category]).toEqual([204, 'completed', 'PET_CLEAR'])
  })

  it.each([403, 500, 503])('of S3 (%i) put the job off, under its own event', async (status) => {
    const job = await parts.queuePhoto(pet)
    parts.objects.faults.set({ status })
    expect((await parts.deliver(analyzing, job)).status).toBe(204)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued', lease_until: null, progress: 0 })
    const [row] = await parts.database.query<{ event: { id: string; data: unknown }; seconds: number }>(
      `select event, extract(epoch from next_at - now())::float8 as seconds from events.outbox
       where event_id = $1 and sent_at is null`,
      [job.eventId],
    )
    expect(row?.event).toMatchObject({ id: job.eventId, data: { job_id: job.jobId } })
    expect(row?.seconds).toBeGreaterThan(1)
    expect(row?.seconds).toBeLessThanOrEqual(3)
    parts.objects.faults.clear()
    expect((await parts.deliver(analyzing, job)).status).toBe(204)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'completed', fencing_token: 2 })
  })

  it('of S3 after the answer leave the answer', async () => {
    const job = await parts.queuePhoto(pet)
    parts.objects.faults.set({ status: 500, operations: ['PutObject', 'DeleteObject', 'HeadObject'] })
    expect((await parts.deliver(analyzing, job)).status).toBe(204)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'completed' })
    expect(await resultOf(job)).toMatchObject({ category: 'PET_CLEAR', photo_key: null })
  })

  it('of the rule base are not acknowledged as done: a retry finds the job free, and calls the model no second time', async () => {
    const broken = await parts.start(start)
    await parts.database.query(`update recycling.rules set steps = '[{"ko":"x"}]' where code = 'PET_CLEAR'`)
    const job = await parts.queuePhoto(pet)
    try {
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        expect((await parts.deliver(broken, job)).status).toBe(503)
        expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued', fencing_token: attempt })
      }
    } finally {
      await parts.database.query(
        `update recycling.rules set steps = (select steps from recycling.rules where code = 'CAN') where code = 'PET_CLEAR'`,
      )
    }
    expect((await parts.deliver(broken, job)).status).toBe(204)
    expect(await resultOf(job)).toMatchObject({ answered_by: 'exact_match', category: 'PET_CLEAR' })
    expect(calls().total).toBe(1)
  })

  it('of PostgreSQL are asked to be tried again', async () => {
    const job = await parts.queuePhoto(pet)
    await parts.database.query('revoke update on waste.jobs from growbin_waste')
    try {
      expect((await parts.deliver(analyzing, job)).status).toBe(503)
    } finally {
      await parts.database.query('grant update on waste.jobs to growbin_waste')
    }
    expect(calls().total).toBe(0)
    expect((await parts.deliver(analyzing, job)).status).toBe(204)
  })
})
