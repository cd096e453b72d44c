import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../lib/until.ts'
import { createGrowbinClient } from '../local/demo/growbin-client.ts'
import { type ChildPlatform, startChildPlatform } from './child/start-child-platform.ts'
import { expectSettled } from './expect-settled.ts'
import { drawVariant } from './photos.ts'
import { canStartServers, type StartedParts, startRealParts } from './real-parts.ts'

describe.skipIf(!canStartServers)('on real parts, each function a process', () => {
  let parts: StartedParts
  let platform: ChildPlatform
  let photoNumber = 2_000
  beforeAll(async () => {
    parts = await startRealParts()
    platform = await startChildPlatform({
      processes: true,
      real: parts.real,
      brokerUid: parts.brokerUid,
      modelLatencyMs: 2_000,
      overrides: { LEASE_SECONDS: '3' },
    })
  })
  afterAll(async () => {
    await platform?.close()
    await parts?.close()
  })

  const upload = async () => {
    photoNumber += 1
    const client = createGrowbinClient({ baseUrl: platform.url })
    await client.login('kakao', `person-${photoNumber}`)
    const jobId = await client.upload(await drawVariant(photoNumber))
    const end = () => client.follow(jobId, () => undefined, 90_000)
    return { client, jobId, end }
  }
  const resultsOf = (jobId: string) =>
    platform.query('select count(*)::integer as results from waste.results where job_id = $1', [jobId])
  const untilModelIsAsked = (jobId: string) =>
    until('The call of the model', async () => {
      const calls = await platform.query('select from waste.model_calls where job_id = $1', [jobId])
      return calls.length > 0
    })

  it('completes an analysis once whose process was killed in the middle', async () => {
    const { client, jobId, end } = await upload()
    await client.completeUpload(jobId)
    await untilModelIsAsked(jobId)
    for (const { processId } of await platform.instancesOf('waste-ai-analyze'))
      process.kill(Number(processId), 'SIGKILL')

    expect(await end()).toMatchObject({ status: 'completed', result: { answered_by: 'model' } })
    expect(await resultsOf(jobId)).toEqual([{ results: 1 }])
    const [job] = await platform.query<{ fencing_token: number }>(
      'select fencing_token from waste.jobs where job_id = $1',
      [jobId],
    )
    expect(job?.fencing_token).toBe(2)
    await expectSettled(platform)
  })

  it('accepts an upload at once while RabbitMQ is stopped, and completes it once when it is available again', async () => {
    const { client, jobId, end } = await upload()
    await parts.rabbitmq.stop()
    const startedMs = performance.now()
    await client.completeUpload(jobId)
    expect(performance.now() - startedMs).toBeLessThan(5_000)
    expect(await client.status(jobId)).toMatchObject({ status: 'queued' })

    await parts.rabbitmq.restart()
    expect(await end()).toMatchObject({ status: 'completed' })
    expect(await resultsOf(jobId)).toEqual([{ results: 1 }])
    await expectSettled(platform)
  })

  it('completes an analysis during which Redis restarts', async () => {
    const { client, jobId, end } = await upload()
    await client.completeUpload(jobId)
    await untilModelIsAsked(jobId)
    const following = end()
    await parts.redis.stop()
    expect(await client.status(jobId)).toMatchObject({ status: 'processing' })
    await parts.redis.restart()
    expect(await following).toMatchObject({ status: 'completed' })
    expect(await resultsOf(jobId)).toEqual([{ results: 1 }])
    await expectSettled(platform)
  })

  it('answers 503 with Retry-After while PostgreSQL is unavailable, and completes what had begun', async () => {
    const { client, jobId, end } = await upload()
    await client.completeUpload(jobId)
    await untilModelIsAsked(jobId)
    await parts.postgres.stop()
    const unavailable = { status: 503, reason: 'dependency_unavailable', retryAfterSeconds: expect.any(Number) }
    await expect(client.openJob(await drawVariant(2_900))).rejects.toMatchObject(unavailable)
    await parts.postgres.restart()

    await until('An accepted upload', () =>
      client.openJob({ bytes: new Uint8Array(100), contentType: 'image/png' }).catch(() => false),
    )
    const final = await until(
      'The end of the analysis',
      async () => {
        const ended = await end().catch(() => undefined)
        return ended
      },
      90_000,
    )
    expect(final).toMatchObject({ status: 'completed' })
    expect(await resultsOf(jobId)).toEqual([{ results: 1 }])
    await expectSettled(platform)
  })
})
