import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { aiImageAnalyzeV1 } from '../../_contracts/events/ai-image-analyze.v1.ts'
import { imageUploadPhotoPrepareV1 } from '../../_contracts/events/image-upload-photo-prepare.v1.ts'
import { createOutbox } from '../../_lib/messaging/outbox.pg.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { expectProblem } from '../../_lib/testing/expect-problem.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { createStalledJobsRedriver } from '../tasks/stalled-jobs.pg.ts'
import { startWasteParts, type WasteParts } from '../testing/waste-parts.ts'
import { start } from './main.ts'
import { uploadComplete } from './upload-complete.ts'
import { createJobFinder, createJobQueuer } from './uploaded-job.pg.ts'

let parts: WasteParts<LocalWasteServers>
let completing: FunctionInstance
beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  completing = await parts.start(start)
})
afterAll(() => parts?.close())
afterEach(() => {
  parts.broker.answer(202)
  parts.objects.faults.clear()
})

const jpeg = Buffer.concat([Buffer.from('\xff\xd8\xff\xe0', 'latin1'), Buffer.alloc(996)])
const heif = Buffer.concat([Buffer.from('\0\0\0\x18ftypmif1\0\0\0\0mif1miaf', 'latin1'), Buffer.alloc(976)])

const complete = async (jobId: string, userId: string, headers: Record<string, string> = {}) =>
  completing.app.request(`/api/v1/waste/upload-complete/${jobId}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await parts.tokenOf(userId)}`, ...headers },
  })

/** A job whose photo is in the store. */
async function uploaded(bytes: Buffer = jpeg, contentType = 'image/jpeg', fields: object = {}) {
  const job = await parts.insertJob({ content_type: contentType, content_length: bytes.length, ...fields })
  await parts.store.write(job.objectKey, bytes, contentType)
  return job
}

const outboxOf = (eventId: string) =>
  parts.database.query<{ event: { id: string; data: unknown; subject: string }; sent: boolean; due: boolean }>(
    'select event, sent_at is not null as sent, next_at <= now() as due from events.outbox where event_id = $1',
    [eventId],
  )

const eventsOf = (eventId: string) => parts.broker.events.filter(({ id }) => id === eventId)

describe('a checked photo', () => {
  it('is queued, and one valid event commands its analysis', async () => {
    const { jobId, ownerId, eventId } = await uploaded()
    const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
    const response = await complete(jobId, ownerId, { traceparent })
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({
      job_id: jobId,
      status: 'queued',
      status_url: `https://api.example.test/api/v1/waste/status/${jobId}`,
      result_url: `https://api.example.test/api/v1/waste/result/${jobId}`,
    })
    expect(await parts.jobRow(jobId)).toMatchObject({ state: 'queued', stage: 'queued', queued_at: expect.any(Date) })
    const [event, ...others] = eventsOf(eventId)
    expect(others).toEqual([])
    expect(event).toMatchObject({
      id: eventId,
      source: '/growbin/waste-upload-complete',
      type: 'app.growbin.ai.image.analyze.v1',
      subject: jobId,
      data: { job_id: jobId },
      extensions: { queue: 'ai', traceparent: expect.stringMatching(/^00-1{32}-[0-9a-f]{16}-01$/) },
    })
    expect(aiImageAnalyzeV1.schema.safeParse(event?.data).success).toBe(true)
    expect(await outboxOf(eventId)).toMatchObject([{ sent: true }])
  })

  it.each([
    ['image/png', Buffer.from(`\x89PNG\r\n\x1a\n${'\0'.repeat(100)}`, 'latin1')],
    ['image/webp', Buffer.from(`RIFF\x10\0\0\0WEBPVP8 ${'\0'.repeat(100)}`, 'latin1')],
    ['image/heic', Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(100)])],
    ['image/heic', heif],
  ])('may be %s', async (contentType, bytes) => {
    const { jobId, ownerId } = await uploaded(bytes, contentType)
    expect((await complete(jobId, ownerId)).status).toBe(202)
  })

  it('is found by an id in upper case', async () => {
    const { jobId, ownerId } = await uploaded()
    const response = await complete(jobId.toUpperCase(), ownerId)
    expect(await response.json()).toMatchObject({ job_id: jobId })
  })
})

describe('a photo that does not hold what was declared', () => {
  const cases: [string, Buffer | undefined, string][] = [
    ['upload_missing', undefined, 'image/jpeg'],
    ['upload_size_mismatch', jpeg.subarray(0, 999), 'image/jpeg'],
    ['upload_size_mismatch', Buffer.concat([jpeg, Buffer.alloc(1)]), 'image/jpeg'],
    ['upload_size_mismatch', Buffer.alloc(0), 'image/jpeg'],
    ['upload_type_mismatch', jpeg, 'image/png'],
    ['upload_type_mismatch', jpeg, 'text/html'],
    ['upload_not_an_image', Buffer.alloc(1000, 'a'), 'image/jpeg'],
    ['upload_not_an_image', Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(994)]), 'image/jpeg'],
    ['upload_not_an_image', heif, 'image/jpeg'],
    ['upload_not_an_image', Buffer.alloc(1000, '<script>alert(1)</script>'), 'image/jpeg'],
  ]
  it.each(cases)('is refused as %s, and may be uploaded again (%#)', async (reason, bytes, contentType) => {
    const { jobId, ownerId, objectKey, eventId } = await parts.insertJob()
    if (bytes) await parts.store.write(objectKey, bytes, contentType)
    const problem = await expectProblem(await complete(jobId, ownerId), 409)
    expect(problem.reason).toBe(reason)
    expect(await parts.jobRow(jobId)).toMatchObject({ state: 'created', queued_at: null })
    expect(await outboxOf(eventId)).toEqual([])
    await parts.store.write(objectKey, jpeg, 'image/jpeg')
    expect((await complete(jobId, ownerId)).status).toBe(202)
  })
})

describe('repeating', () => {
  it('writes one row and one event, however many ask at once', async () => {
    const { jobId, ownerId, eventId } = await uploaded()
    const responses = await Promise.all(Array.from({ length: 50 }, () => complete(jobId, ownerId)))
    const answers = await Promise.all(responses.map(async (response) => [response.status, await response.json()]))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toEqual([202, expect.objectContaining({ status: 'queued' })])
    expect(await outboxOf(eventId)).toHaveLength(1)
    expect(eventsOf(eventId)).toHaveLength(1)
  })

  it.each(['queued', 'processing', 'completed'] as const)(
    'tells that a job is %s, and touches nothing',
    async (state) => {
      const { jobId, ownerId, eventId } = await parts.insertJob({ state })
      const before = await parts.jobRow(jobId)
      const response = await complete(jobId, ownerId)
      expect([response.status, await response.json()]).toEqual([202, expect.objectContaining({ status: state })])
      expect(await parts.jobRow(jobId)).toEqual(before)
      expect(await outboxOf(eventId)).toEqual([])
    },
  )

  it('tells why a job has failed', async () => {
    const { jobId, ownerId } = await parts.insertJob({ state: 'failed', failure_reason: 'upload_expired' })
    const problem = await expectProblem(await complete(jobId, ownerId, { 'accept-language': 'en' }), 409)
    expect(problem).toMatchObject({
      reason: 'upload_expired',
      detail: 'The photo was not uploaded in time. Please try again.',
    })
  })

  it('does not promise an analysis of a job that expired between check and command', async () => {
    const { jobId, ownerId } = await uploaded()
    const database = parts.database.openAs('waste')
    const deps = {
      findJob: createJobFinder(database),
      readStart: async (key: string, bytes: number) => {
        await parts.database.query(
          `update waste.jobs set state = 'failed', failure_reason = 'upload_expired', finished_at = now() where job_id = $1`,
          [jobId],
        )
        return parts.store.readStart(key, bytes)
      },
      variant: 'single' as const,
      queueJob: createJobQueuer(
        database,
        createOutbox({ database, publish: async () => undefined, log: silentLog }),
        10,
      ),
      flush: () => Promise.reject(new Error('Nothing may be sent')),
      publishSnapshot: () => Promise.reject(new Error('Nothing may be announced')),
      now: () => new Date(),
    }
    await expect(uploadComplete(deps, { jobId, ownerId, traceparent: '' })).rejects.toMatchObject({
      code: 'conflict',
      options: { reason: 'upload_expired' },
    })
  })
})

describe('the variant of the analysis', () => {
  it.each([
    ['single', aiImageAnalyzeV1, null],
    ['stages', imageUploadPhotoPrepareV1, 'prepare_photo'],
  ] as const)('%s is what a job is queued for, by one event under its own id', async (variant, contract, step) => {
    const { jobId, ownerId, eventId } = await uploaded()
    const instance = await parts.start(start, { ANALYSIS_VARIANT: variant })
    const authorization = `Bearer ${await parts.tokenOf(ownerId)}`
    const path = `/api/v1/waste/upload-complete/${jobId}`
    expect((await instance.app.request(path, { method: 'POST', headers: { authorization } })).status).toBe(202)
    expect(await parts.jobRow(jobId)).toMatchObject({ state: 'queued', step })
    const [event, ...others] = eventsOf(eventId)
    expect(others).toEqual([])
    expect(event).toMatchObject({ type: contract.type, data: { job_id: jobId }, subject: jobId })
    expect(event?.extensions.queue).toBe(contract.queue)
  })

  it('is no other than these', async () => {
    await expect(parts.start(start, { ANALYSIS_VARIANT: 'both' })).rejects.toThrow('ANALYSIS_VARIANT')
  })
})

describe('a full queue', () => {
  it('refuses no upload: the job is queued without an event, and the redriver publishes its command', async () => {
    await parts.database.query('delete from waste.jobs')
    const instance = await parts.start(start, { ANALYSES_ORDERED_MAX: '2' })
    const jobs = [await uploaded(), await uploaded(), await uploaded()]
    const statuses = []
    for (const { jobId, ownerId } of jobs) {
      const headers = { authorization: `Bearer ${await parts.tokenOf(ownerId)}` }
      const path = `/api/v1/waste/upload-complete/${jobId}`
      statuses.push((await instance.app.request(path, { method: 'POST', headers })).status)
    }
    expect(statuses).toEqual([202, 202, 202])
    for (const { jobId } of jobs) expect(await parts.jobRow(jobId)).toMatchObject({ state: 'queued' })
    expect(jobs.map(({ eventId }) => eventsOf(eventId).length)).toEqual([1, 1, 0])
    const held = jobs[2]?.eventId ?? ''
    expect(await outboxOf(held)).toEqual([])

    const database = parts.database.openAs('waste')
    await parts.database.query(`update waste.jobs set updated_at = now() - interval '61 seconds'`)
    const outbox = createOutbox({ database, publish: async () => undefined, log: silentLog })
    await createStalledJobsRedriver({ database, outbox, now: () => new Date() })()
    expect(await outboxOf(held)).toMatchObject([{ sent: false, due: true }])
  })
})

describe('outages', () => {
  it.each([500, 429, 400])('leaves the event to the relay while the broker answers %i', async (status) => {
    parts.broker.answer(status)
    const { jobId, ownerId, eventId } = await uploaded()
    expect((await complete(jobId, ownerId)).status).toBe(202)
    expect(await outboxOf(eventId)).toMatchObject([{ sent: false, event: { id: eventId, data: { job_id: jobId } } }])
    expect(eventsOf(eventId)).toEqual([])
    const [row] = await parts.database.query<{ soon: boolean }>(
      `select next_at < now() + interval '6 seconds' as soon from events.outbox where event_id = $1`,
      [eventId],
    )
    expect(row?.soon).toBe(true)
  })

  it.each([403, 500, 503])('asks to try again while S3 answers %i, and changes nothing', async (status) => {
    const { jobId, ownerId, eventId } = await uploaded()
    parts.objects.faults.set({ status })
    const response = await complete(jobId, ownerId)
    await expectProblem(response, 503)
    expect(response.headers.get('retry-after')).toBe('2')
    expect(await parts.jobRow(jobId)).toMatchObject({ state: 'created' })
    expect(await outboxOf(eventId)).toEqual([])
    parts.objects.faults.clear()
    expect((await complete(jobId, ownerId)).status).toBe(202)
  })

  it('changes the state and writes the event together, or neither', async () => {
    const { jobId, ownerId, eventId } = await uploaded()
    await parts.database.query('revoke insert on events.outbox from growbin_waste')
    try {
      await expectProblem(await complete(jobId, ownerId), 500)
      expect(await parts.jobRow(jobId)).toMatchObject({ state: 'created', stage: 'created', queued_at: null })
      expect(eventsOf(eventId)).toEqual([])
    } finally {
      await parts.database.query('grant insert on events.outbox to growbin_waste')
    }
    expect((await complete(jobId, ownerId)).status).toBe(202)
    expect(eventsOf(eventId)).toHaveLength(1)
  })
})

describe('the mark of a sent event', () => {
  it('does not replace the command by a second one', async () => {
    const { jobId, ownerId, eventId } = await uploaded()
    // A worker that is quicker than the mark: it gives the job back before the flush has heard from the broker.
    parts.broker.onEvent(async () => {
      const database = parts.database.openAs('waste')
      const outbox = createOutbox({ database, publish: async () => undefined, log: silentLog })
      const [row] = await outboxOf(eventId)
      await database.transaction((tx) => outbox.append(tx, row?.event as never, 30))
    })
    expect((await complete(jobId, ownerId)).status).toBe(202)
    parts.broker.onEvent(undefined)
    expect(await outboxOf(eventId)).toMatchObject([{ sent: false, due: false }])
  })
})

describe('requests a minute', () => {
  it('are bounded for each person, whatever becomes of them', async () => {
    const instance = await parts.start(start, { REQUESTS_PER_MINUTE_MAX: '2' })
    const ask = async (userId: string) =>
      instance.app.request(`/api/v1/waste/upload-complete/${randomUUID()}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await parts.tokenOf(userId)}` },
      })
    const userId = randomUUID()
    expect((await ask(userId)).status).toBe(404)
    expect((await ask(userId)).status).toBe(404)
    const refused = await ask(userId)
    await expectProblem(refused, 429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await ask(randomUUID())).status).toBe(404)
  })
})

describe('whose job it is', () => {
  it('answers for a foreign job exactly as for none, and leaves it alone', async () => {
    const { jobId } = await uploaded()
    const stranger = randomUUID()
    const [foreign, missing] = await Promise.all([complete(jobId, stranger), complete(randomUUID(), stranger)])
    const { request_id: _a, ...foreignProblem } = await expectProblem(foreign, 404)
    const { request_id: _b, ...missingProblem } = await expectProblem(missing, 404)
    expect(foreignProblem).toEqual(missingProblem)
    expect(await parts.jobRow(jobId)).toMatchObject({ state: 'created' })
  })
})
