import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { redisDatabase } from '../../_contracts/redis-databases.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { openRedis, type RedisConnection } from '../../_lib/stores/redis.redis.ts'
import { expectProblem } from '../../_lib/testing/expect-problem.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import type { AnalysisResult } from '../analysis-result.ts'
import { failureReasons } from '../job/failure-reasons.ts'
import { stages } from '../job/job.ts'
import { type JobSnapshot, snapshotAt } from '../snapshot/job-snapshot.ts'
import { createSnapshots, type Snapshots } from '../snapshot/snapshots.redis.ts'
import { startWasteParts, type TestJob, type WasteParts } from '../testing/waste-parts.ts'
import { start } from './main.ts'

let parts: WasteParts<LocalWasteServers>
let instance: FunctionInstance
let redis: RedisConnection
let snapshots: Snapshots
let inspector: Redis
beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  instance = await parts.start(start)
  redis = openRedis({ url: parts.redis.url, database: redisDatabase.progress, log: silentLog })
  snapshots = createSnapshots(redis, silentLog)
  inspector = new Redis(parts.redis.url, { db: redisDatabase.progress })
  // It is cut off together with the function under test.
  inspector.on('error', () => undefined)
})
afterAll(async () => {
  inspector?.disconnect()
  await redis?.close()
  await parts?.close()
})
afterEach(async () => {
  await parts.redis.faults.up()
})

const resultOf = ({ jobId }: TestJob): AnalysisResult => ({
  job_id: jobId,
  waste_type: 'plastic',
  category: 'PET_CLEAR',
  moved_to: null,
  recyclable: true,
  confidence: 0.9123,
  item_name: '투명 페트병',
  feedback: '라벨을 떼어 주세요.',
  disposal_steps: [{ order: 1, text: '비우기' }],
  nearby_bins: [],
  answered_by: 'model',
  model: 'a-model',
  analyzed_at: '2026-11-01T00:00:00.000Z',
})

async function insertResult(job: TestJob): Promise<AnalysisResult> {
  const result = resultOf(job)
  await parts.database.query(
    `insert into waste.results (job_id, owner_id, waste_type, category, recyclable, confidence, item_name, feedback,
       disposal_steps, nearby_bins, answered_by, model, image_sha256, analyzed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '[]', $10, $11, 'x', $12)`,
    [
      job.jobId,
      job.ownerId,
      result.waste_type,
      result.category,
      result.recyclable,
      result.confidence,
      result.item_name,
      result.feedback,
      JSON.stringify(result.disposal_steps),
      result.answered_by,
      result.model,
      result.analyzed_at,
    ],
  )
  return result
}

const snapshot = (job: TestJob, state: JobSnapshot['state'], stage: keyof typeof stages, end = {}) =>
  snapshotAt({ ...job, state }, stage, new Date(), end)

const get = async (view: string, jobId: string, userId: string, headers: Record<string, string> = {}) =>
  instance.app.request(`/api/v1/waste/${view}/${jobId}`, {
    headers: { authorization: `Bearer ${await parts.tokenOf(userId)}`, ...headers },
  })

const commandsSoFar = async () => Number(/total_commands_processed:(\d+)/.exec(await inspector.info('stats'))?.[1])

/** Makes each statement of PostgreSQL about jobs fail until the returned function is called. */
async function hideJobs(): Promise<() => Promise<unknown>> {
  await parts.database.query('revoke select on waste.jobs from growbin_waste')
  return () => parts.database.query('grant select on waste.jobs to growbin_waste')
}

describe('the status', () => {
  it('comes from Redis with one command, and without PostgreSQL', async () => {
    const job = await parts.insertJob({ state: 'processing' })
    await snapshots.publish(snapshot(job, 'processing', 'vision'))
    await get('status', job.jobId, job.ownerId)
    await parts.database.query('delete from waste.jobs where job_id = $1', [job.jobId])
    const before = await commandsSoFar()
    const response = await get('status', job.jobId, job.ownerId)
    expect((await commandsSoFar()) - before - 1).toBe(1)
    expect(await response.json()).toMatchObject({ status: 'processing', stage: 'vision', progress: 50 })
  })

  it('comes from PostgreSQL when Redis has no copy, and leaves one', async () => {
    const job = await parts.insertJob({ state: 'completed' })
    const result = await insertResult(job)
    const response = await get('status', job.jobId, job.ownerId)
    expect(await response.json()).toEqual({
      job_id: job.jobId,
      status: 'completed',
      progress: 100,
      message: stages.done.message.ko,
      stage: 'done',
      reason: null,
      updated_at: expect.any(String),
      result,
    })
    expect(await snapshots.find(job.jobId)).toMatchObject({ state: 'completed', result })
  })

  it('keeps a copy of unfinished work for one second only, so that a change without an announcement shows', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    await get('status', job.jobId, job.ownerId)
    expect(await inspector.pttl(`job:${job.jobId}`)).toBeLessThanOrEqual(1000)
  })

  it('comes from PostgreSQL while Redis is unavailable, and from Redis again when it is back', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    await parts.redis.faults.down()
    expect(await (await get('status', job.jobId, job.ownerId)).json()).toMatchObject({ status: 'queued' })
    await parts.redis.faults.up()
    const restore = await hideJobs()
    try {
      await vi.waitFor(async () => {
        await snapshots.publish(snapshot(job, 'processing', 'feedback'))
        expect(await (await get('status', job.jobId, job.ownerId)).json()).toMatchObject({ stage: 'feedback' })
      }, 5_000)
    } finally {
      await restore()
    }
  })

  it('ignores a copy that is not JSON', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    await inspector.set(`job:${job.jobId}`, '{"state":', 'EX', 60)
    expect(await (await get('status', job.jobId, job.ownerId)).json()).toMatchObject({ status: 'queued' })
  })

  it('never goes back from the end to a stage that a worker without a lease announces late', async () => {
    const job = await parts.insertJob({ state: 'completed' })
    await snapshots.publish(snapshot(job, 'completed', 'done', { result: resultOf(job) }))
    await snapshots.publish(snapshot(job, 'processing', 'vision'))
    expect(await (await get('status', job.jobId, job.ownerId)).json()).toMatchObject({ status: 'completed' })
  })

  it('does not overwrite what was announced since PostgreSQL was read', async () => {
    const job = await parts.insertJob({ state: 'processing' })
    await snapshots.publish(snapshot(job, 'processing', 'feedback'))
    await snapshots.keep(snapshot(job, 'processing', 'vision'))
    expect(await snapshots.find(job.jobId)).toMatchObject({ stage: 'feedback' })
  })

  it.each(['status', 'result', 'events'])(
    'of a foreign job is missing, also when its copy is in Redis (%s)',
    async (view) => {
      const job = await parts.insertJob({ state: 'completed' })
      await insertResult(job)
      await snapshots.publish(snapshot(job, 'completed', 'done', { result: resultOf(job) }))
      const stranger = randomUUID()
      const [foreign, missing] = await Promise.all([get(view, job.jobId, stranger), get(view, randomUUID(), stranger)])
      const { request_id: _a, ...foreignProblem } = await expectProblem(foreign, 404)
      const { request_id: _b, ...missingProblem } = await expectProblem(missing, 404)
      expect(foreignProblem).toEqual(missingProblem)
    },
  )

  it.each([
    ['ko', 'queued', 'queued', stages.queued.message.ko],
    ['en', 'queued', 'queued', stages.queued.message.en],
    ['ko', 'failed', 'failed', failureReasons.photo_refused.ko],
    ['en', 'failed', 'failed', failureReasons.photo_refused.en],
  ] as const)('speaks %s about a job that is %s', async (language, state, stage, message) => {
    const job = await parts.insertJob({ state, failure_reason: state === 'failed' ? 'photo_refused' : null })
    const response = await get('status', job.jobId, job.ownerId, { 'accept-language': language })
    expect(await response.json()).toMatchObject({
      message,
      stage,
      progress: state === 'failed' ? -1 : 0,
      reason: state === 'failed' ? 'photo_refused' : null,
    })
  })
})

describe('the result', () => {
  it('is the same from Redis and from PostgreSQL', async () => {
    const job = await parts.insertJob({ state: 'completed' })
    const result = await insertResult(job)
    const fromPostgres = await (await get('result', job.jobId, job.ownerId)).json()
    const fromRedis = await (await get('result', job.jobId, job.ownerId)).json()
    expect(fromPostgres).toEqual(result)
    expect(fromRedis).toEqual(result)
  })

  it.each(['created', 'queued', 'processing'] as const)(
    'is 409 with Retry-After while the job is %s',
    async (state) => {
      const job = await parts.insertJob({ state })
      const response = await get('result', job.jobId, job.ownerId)
      expect((await expectProblem(response, 409)).reason).toBe('result_not_ready')
      expect(response.headers.get('retry-after')).toBe('1')
    },
  )

  it('of a failed job is 409 with the reason, and nothing to wait for', async () => {
    const job = await parts.insertJob({ state: 'failed', failure_reason: 'image_animated' })
    const response = await get('result', job.jobId, job.ownerId, { 'accept-language': 'en' })
    expect(await expectProblem(response, 409)).toMatchObject({
      reason: 'image_animated',
      detail: failureReasons.image_animated.en,
    })
    expect(response.headers.get('retry-after')).toBeNull()
  })
})
