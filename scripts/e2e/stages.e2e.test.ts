import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../lib/until.ts'
import { createGrowbinClient } from '../local/demo/growbin-client.ts'
import { type ChildPlatform, startChildPlatform } from './child/start-child-platform.ts'
import { expectSettled } from './expect-settled.ts'
import { patiently } from './patiently.ts'
import { drawVariant } from './photos.ts'
import { canStartServers, type StartedParts, startRealParts } from './real-parts.ts'

const queues = ['q-image-upload', 'q-gpt5-analysis', 'q-rule-retrieval', 'q-response-generation']

/** Logs a person in and uploads their own photo, which waits for its analysis. */
async function upload(platform: ChildPlatform, photoNumber: number) {
  const client = createGrowbinClient({ baseUrl: platform.url })
  await client.login('kakao', `person-${photoNumber}`)
  const jobId = await client.upload(await drawVariant(photoNumber))
  const progress: number[] = []
  return {
    client,
    jobId,
    progress,
    begin: () => patiently(() => client.completeUpload(jobId)),
    end: () => client.follow(jobId, (state) => progress.push(state.progress), 120_000),
  }
}

/** One after the other: only the analyses run at the same time. */
async function uploadMany(platform: ChildPlatform, firstNumber: number, count: number) {
  const uploads = []
  for (let nth = 0; nth < count; nth += 1) uploads.push(await upload(platform, firstNumber + nth))
  return uploads
}

/** Each job has one result and no other row, and the model was called for it at most as often as given. */
async function expectOneResultEach(platform: ChildPlatform, jobIds: readonly string[], callsMax = 1) {
  const rows = await platform.query(
    `select job_id, state, step, (select count(*)::integer from waste.results where results.job_id = jobs.job_id) as results
     from waste.jobs where job_id = any($1)`,
    [jobIds],
  )
  expect(rows.map(({ state, step, results }) => ({ state, step, results }))).toEqual(
    jobIds.map(() => ({ state: 'completed', step: 'compose_answer', results: 1 })),
  )
  expect(await platform.query('select 1 from waste.step_outputs')).toEqual([])
  const calls = await platform.query<{ calls: number }>(
    'select count(*)::integer as calls from waste.model_calls where job_id = any($1) group by job_id',
    [jobIds],
  )
  for (const row of calls) expect(row.calls).toBeLessThanOrEqual(callsMax)
}

describe('40 analyses at once, each in four steps', () => {
  let parts: StartedParts | undefined
  let platform: ChildPlatform | undefined
  afterEach(async () => {
    await platform?.close()
    await parts?.close()
    platform = undefined
    parts = undefined
  })

  const completeOnce = async (running: ChildPlatform) => {
    const uploads = await uploadMany(running, 7_000, 40)
    const ends = await Promise.all(
      uploads.map(async ({ begin, end }) => {
        await begin()
        return end()
      }),
    )
    expect(ends.map(({ status, result }) => [status, result?.answered_by])).toEqual(
      Array(40).fill(['completed', 'model']),
    )
    for (const { progress } of uploads) expect(progress).toEqual([...progress].sort((a, b) => a - b))
    await expectOneResultEach(
      running,
      uploads.map(({ jobId }) => jobId),
    )
    await expectSettled(running)
    const stats = await running.stats()
    // Every job has passed through every queue; on a slow machine a quiet one may have been redriven.
    for (const queue of queues) expect(deliveredBy(stats, queue)).toBeGreaterThanOrEqual(40)
    expect(deliveredBy(stats, 'q-ai')).toBe(0)
  }

  it('complete once each, on embedded parts in one process', async () => {
    platform = await startChildPlatform({ processes: false, real: {}, variant: 'stages' })
    await completeOnce(platform)
  })

  it.skipIf(!canStartServers)('complete once each, on real parts with each function a process', async () => {
    parts = await startRealParts()
    platform = await startChildPlatform({
      processes: true,
      real: parts.real,
      brokerUid: parts.brokerUid,
      variant: 'stages',
    })
    await completeOnce(platform)
  })
})

const deliveredBy = (stats: Awaited<ReturnType<ChildPlatform['stats']>>, queue: string) =>
  Object.entries(stats)
    .filter(([name]) => name.includes(queue))
    .reduce((sum, [, { delivered }]) => sum + delivered, 0)

describe.skipIf(!canStartServers)('steps on real parts, each function a process', () => {
  let parts: StartedParts
  let platform: ChildPlatform
  beforeAll(async () => {
    parts = await startRealParts()
    platform = await startChildPlatform({
      processes: true,
      real: parts.real,
      brokerUid: parts.brokerUid,
      variant: 'stages',
      modelLatencyMs: 2_000,
      overrides: { LEASE_SECONDS: '3' },
    })
  })
  afterAll(async () => {
    await platform?.close()
    await parts?.close()
  })

  const untilModelIsAsked = (jobIds: readonly string[]) =>
    until('The calls of the model', async () => {
      const calls = await platform.query('select from waste.model_calls where job_id = any($1)', [jobIds])
      return calls.length >= jobIds.length
    })

  it('complete a job once whose process was killed in the middle of a step', async () => {
    const { jobId, begin, end } = await upload(platform, 7_100)
    await begin()
    await untilModelIsAsked([jobId])
    for (const { processId } of await platform.instancesOf('waste-identify-item')) {
      process.kill(Number(processId), 'SIGKILL')
    }
    expect(await end()).toMatchObject({ status: 'completed' })
    // After a crash the call may repeat once, the effect never.
    await expectOneResultEach(platform, [jobId], 2)
    await expectSettled(platform)
  })

  it('complete every job once when RabbitMQ restarts before the replies could be stored', async () => {
    const uploads = await uploadMany(platform, 7_200, 6)
    const jobIds = uploads.map(({ jobId }) => jobId)
    await Promise.all(uploads.map(({ begin }) => begin()))
    await untilModelIsAsked(jobIds)
    await parts.rabbitmq.stop()
    await until('The model to have answered every job', async () => {
      const answered = await platform.query(
        `select from waste.step_outputs where step = 'identify_item' and job_id = any($1)`,
        [jobIds],
      )
      return answered.length === jobIds.length
    })
    await parts.rabbitmq.restart()
    const ends = await Promise.all(uploads.map(({ end }) => end()))
    expect(ends.map(({ status }) => status)).toEqual(jobIds.map(() => 'completed'))
    await expectOneResultEach(platform, jobIds)
    await expectSettled(platform)
  })

  it('complete every job once when all commands are redelivered, early, late and in any order', async () => {
    const uploads = await uploadMany(platform, 7_300, 6)
    const jobIds = uploads.map(({ jobId }) => jobId)
    const sendAgain = (events: readonly Sent[]) =>
      platform.query(
        `insert into events.outbox (event_id, event) select (event ->> 'id')::uuid, event from json_array_elements($1) as event
         on conflict (event_id) do update set sent_at = null, next_at = now(), attempts = 0`,
        [JSON.stringify(events)],
      )
    const seen = new Map<string, Sent>()
    const collect = async () => {
      const rows = await platform.query<{ event: Sent }>(
        `select event from events.outbox where event -> 'data' ->> 'job_id' = any($1::text[])
         union all select reply from waste.step_outputs where job_id::text = any($1::text[])`,
        [jobIds],
      )
      for (const { event } of rows) seen.set(event.id, event)
    }
    await Promise.all(uploads.map(({ begin }) => begin()))
    await untilModelIsAsked(jobIds)
    await collect()
    await sendAgain([...seen.values()].reverse())
    const ends = await Promise.all(
      uploads.map(async ({ end }) => {
        await collect()
        return end()
      }),
    )
    expect(ends.map(({ status }) => status)).toEqual(jobIds.map(() => 'completed'))
    expect(seen.size).toBeGreaterThanOrEqual(2 * jobIds.length)
    await sendAgain([...seen.values()])
    await expectSettled(platform)
    await expectOneResultEach(platform, jobIds)
  })
})

type Sent = { id: string }
