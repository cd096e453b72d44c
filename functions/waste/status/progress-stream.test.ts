import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { redisDatabase } from '../../_contracts/redis-databases.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { openRedis, type RedisConnection } from '../../_lib/stores/redis.redis.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import type { stages } from '../job/job.ts'
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
  inspector = new Redis(parts.redis.url)
  // It is cut off together with the function under test.
  inspector.on('error', () => undefined)
})
afterAll(async () => {
  inspector?.disconnect()
  await redis?.close()
  await parts?.close()
})
afterEach(() => parts.redis.faults.up())

type StreamEvent = { id: number; event: string; data: { status: string; stage: string; message: string } }

async function open(job: TestJob, headers: Record<string, string> = {}, from = instance) {
  const response = await from.app.request(`/api/v1/waste/events/${job.jobId}`, {
    headers: { authorization: `Bearer ${await parts.tokenOf(job.ownerId)}`, ...headers },
  })
  return { response, ...readEvents(response) }
}

function readEvents(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const events: StreamEvent[] = []
  let text = ''
  let ended = false
  /** Reads on until `count` events have arrived or the stream ends. */
  const until = async (count: number): Promise<StreamEvent[]> => {
    while (events.length < count && !ended) {
      const { done, value = '' } = (await reader?.read()) ?? { done: true }
      ended = done
      text += value
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      events.push(...blocks.flatMap(parseEvent))
    }
    return events
  }
  return { until, toEnd: () => until(Number.POSITIVE_INFINITY), cancel: () => reader?.cancel() }
}

function parseEvent(block: string): StreamEvent[] {
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)))
  if (fields.data === undefined) return []
  return [{ id: Number(fields.id), event: fields.event, data: JSON.parse(fields.data) }]
}

const announce = (job: TestJob, state: JobSnapshot['state'], stage: keyof typeof stages) =>
  snapshots.publish(
    snapshotAt({ ...job, state }, stage, new Date(), state === 'failed' ? { failureReason: 'photo_refused' } : {}),
  )

const channelsOf = async (job: TestJob) => (await inspector.pubsub('CHANNELS', `*${job.jobId}`)) as string[]
const subscribed = (job: TestJob) => vi.waitFor(async () => expect(await channelsOf(job)).toHaveLength(1))
const unsubscribed = (job: TestJob) => vi.waitFor(async () => expect(await channelsOf(job)).toEqual([]))

const way = ['download', 'lookup', 'prepare', 'vision', 'feedback', 'save'] as const

describe('a progress stream', () => {
  it('sends every state once, with growing ids, and ends after the last', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const stream = await open(job, { 'accept-language': 'en' })
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream')
    expect(stream.response.headers.get('cache-control')).toMatch(/no-cache|no-store/)
    await stream.until(1)
    await subscribed(job)
    for (const [index, stage] of way.entries()) {
      await announce(job, 'processing', stage)
      await announce(job, 'processing', stage)
      await stream.until(index + 2)
    }
    await announce(job, 'completed', 'done')
    const events = await stream.toEnd()
    expect(events.map(({ id, event, data }) => [id, event, data.status, data.stage])).toEqual([
      [2, 'status', 'queued', 'queued'],
      [10, 'status', 'processing', 'download'],
      [20, 'status', 'processing', 'lookup'],
      [30, 'status', 'processing', 'prepare'],
      [50, 'status', 'processing', 'vision'],
      [70, 'status', 'processing', 'feedback'],
      [90, 'status', 'processing', 'save'],
      [1000, 'status', 'completed', 'done'],
    ])
    expect(events[0]?.data.message).toBe('Waiting for its turn.')
    await unsubscribed(job)
  })

  it('resumes after the last event id, and gets nothing twice', async () => {
    const job = await parts.insertJob({ state: 'processing' })
    await announce(job, 'processing', 'vision')
    const first = await open(job)
    expect((await first.until(1)).map(({ id }) => id)).toEqual([50])
    await first.cancel()
    const second = await open(job, { 'last-event-id': '50' })
    await subscribed(job)
    await announce(job, 'processing', 'save')
    await second.until(1)
    await announce(job, 'failed', 'failed')
    expect((await second.toEnd()).map(({ id, data }) => [id, data.status])).toEqual([
      [90, 'processing'],
      [1000, 'failed'],
    ])
  })

  it('sends a job that goes back into the queue on from where it gets further than before', async () => {
    const job = await parts.insertJob({ state: 'processing' })
    await announce(job, 'processing', 'vision')
    const stream = await open(job)
    await stream.until(1)
    await subscribed(job)
    await announce(job, 'queued', 'queued')
    await announce(job, 'processing', 'download')
    await announce(job, 'processing', 'feedback')
    await stream.until(2)
    await announce(job, 'completed', 'done')
    expect((await stream.toEnd()).map(({ id }) => id)).toEqual([50, 70, 1000])
  })

  it.each(['completed', 'failed'] as const)(
    'of a job that is %s sends the end, and 204 to who has seen it',
    async (state) => {
      const job = await parts.insertJob({ state, failure_reason: state === 'failed' ? 'photo_refused' : null })
      expect((await (await open(job)).toEnd()).map(({ id, data }) => [id, data.status])).toEqual([[1000, state]])
      const { response } = await open(job, { 'last-event-id': '1000' })
      expect([response.status, await response.text()]).toEqual([204, ''])
    },
  )

  it.each(['abc', '-5', '1e400', '', '5.5'])('begins at the beginning for the last event id "%s"', async (id) => {
    const job = await parts.insertJob({ state: 'completed' })
    expect(await (await open(job, { 'last-event-id': id })).toEnd()).toHaveLength(1)
  })

  it('continues by polling PostgreSQL while Redis is unavailable', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    await parts.redis.faults.down()
    const stream = await open(job)
    await stream.until(1)
    await parts.database.query(
      `update waste.jobs set state = 'failed', stage = 'failed', failure_reason = 'photo_refused',
      finished_at = now() where job_id = $1`,
      [job.jobId],
    )
    expect((await stream.toEnd()).map(({ data }) => data.status)).toEqual(['queued', 'failed'])
  })

  it('ends without an error when the state cannot be read, and makes the client reconnect', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const stream = await open(job)
    await stream.until(1)
    await parts.database.query('delete from waste.jobs where job_id = $1', [job.jobId])
    expect(await stream.toEnd()).toHaveLength(1)
    await unsubscribed(job)
  })

  it('is closed after STREAM_SECONDS_MAX', async () => {
    const brief = await parts.start(start, { STREAM_SECONDS_MAX: '1' })
    const job = await parts.insertJob({ state: 'queued' })
    const stream = await open(job, {}, brief)
    const startedMs = performance.now()
    expect((await stream.toEnd()).map(({ id }) => id)).toEqual([2])
    expect(performance.now() - startedMs).toBeLessThan(3_000)
    await unsubscribed(job)
  })

  it('that its client leaves ends the subscription', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const [one, two] = [await open(job), await open(job)]
    await Promise.all([one.until(1), two.until(1)])
    await subscribed(job)
    await one.cancel()
    await announce(job, 'processing', 'vision')
    expect((await two.until(2)).map(({ id }) => id)).toEqual([2, 50])
    expect(await channelsOf(job)).toHaveLength(1)
    await two.cancel()
    await unsubscribed(job)
  })

  it('shares one subscriber connection with all others', async () => {
    const before = Number(/connected_clients:(\d+)/.exec(await inspector.info('clients'))?.[1])
    const jobs = await Promise.all(Array.from({ length: 40 }, () => parts.insertJob({ state: 'queued' })))
    const streams = await Promise.all(jobs.map((job) => open(job)))
    await Promise.all(streams.map((stream) => stream.until(1)))
    await Promise.all(jobs.map(subscribed))
    const during = Number(/connected_clients:(\d+)/.exec(await inspector.info('clients'))?.[1])
    expect(during - before).toBeLessThanOrEqual(1)
    await Promise.all(streams.map((stream) => stream.cancel()))
    await Promise.all(jobs.map(unsubscribed))
  })

  it('is woken again after Redis was unavailable, also when it began in between', async () => {
    const [early, late] = [await parts.insertJob({ state: 'queued' }), await parts.insertJob({ state: 'queued' })]
    const first = await open(early)
    await first.until(1)
    await subscribed(early)
    await parts.redis.faults.down()
    const second = await open(late)
    await second.until(1)
    await parts.redis.faults.up()
    await vi.waitFor(async () => expect(await channelsOf(early)).toHaveLength(1), 6_000)
    await vi.waitFor(async () => expect(await channelsOf(late)).toHaveLength(1), 6_000)
    await Promise.all([first.cancel(), second.cancel()])
    await Promise.all([unsubscribed(early), unsubscribed(late)])
  })
})

describe('the bounds of one person', () => {
  it('are ten streams at once; one that has ended frees its slot', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    const streams = await Promise.all(Array.from({ length: 10 }, () => open(job)))
    expect(streams.map(({ response }) => response.status)).toEqual(Array(10).fill(200))
    const refused = await open(job)
    expect(refused.response.status).toBe(429)
    expect(refused.response.headers.get('retry-after')).toBe('5')
    const other = await open(await parts.insertJob({ state: 'queued' }))
    expect(other.response.status).toBe(200)

    await announce(job, 'failed', 'failed')
    await Promise.all(streams.map((stream) => stream.toEnd()))
    const again = await open(await parts.insertJob({ owner_id: job.ownerId, slot: 2, state: 'queued' }))
    expect(again.response.status).toBe(200)
    await Promise.all([other.cancel(), again.cancel()])
  })

  it('are released by a client that disconnects', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    for (let turn = 0; turn < 3; turn += 1) {
      const streams = await Promise.all(Array.from({ length: 10 }, () => open(job)))
      await Promise.all(streams.map((stream) => stream.until(1)))
      expect(streams.map(({ response }) => response.status)).toEqual(Array(10).fill(200))
      await Promise.all(streams.map((stream) => stream.cancel()))
      await unsubscribed(job)
    }
  })

  it('are so many requests a minute', async () => {
    const limited = await parts.start(start, { REQUESTS_PER_MINUTE_MAX: '3' })
    const job = await parts.insertJob({ state: 'queued' })
    const headers = { authorization: `Bearer ${await parts.tokenOf(job.ownerId)}` }
    const statuses = []
    for (const route of ['status', 'result', 'status', 'events']) {
      const response = await limited.app.request(`/api/v1/waste/${route}/${job.jobId}`, { headers })
      statuses.push(response.status)
    }
    expect(statuses).toEqual([200, 409, 200, 429])
  })
})
