import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../lib/until.ts'
import { createGrowbinClient } from '../local/demo/growbin-client.ts'
import { localRedirectUri } from '../local/platform/environment/local-values.ts'
import { type ChildPlatform, startChildPlatform } from './child/start-child-platform.ts'
import { expectSettled } from './expect-settled.ts'
import { drawVariant } from './photos.ts'

let platform: ChildPlatform
beforeAll(async () => {
  platform = await startChildPlatform({ processes: true, real: {}, idleMs: 1_500 })
})
afterAll(() => platform?.close())

const analyze = async (name: string, photoNumber: number) => {
  const client = createGrowbinClient({ baseUrl: platform.url })
  await client.login('kakao', name)
  const jobId = await client.upload(await drawVariant(photoNumber))
  await client.completeUpload(jobId)
  return { client, jobId, end: await client.follow(jobId, () => undefined, 60_000) }
}
const functionsOfAnalysis = ['auth-login', 'waste-presign', 'waste-upload-complete', 'waste-status', 'waste-ai-analyze']
const running = async () =>
  (await Promise.all(functionsOfAnalysis.map((name) => platform.instancesOf(name))))
    .flat()
    .map(({ processId }) => Number(processId))
const isAlive = (processId: number) => {
  try {
    return process.kill(processId, 0)
  } catch {
    return false
  }
}

describe('functions as processes', () => {
  it('start with the first request, end when idle, and start again', async () => {
    expect(await running()).toEqual([])
    expect((await analyze('early', 3_000)).end.status).toBe('completed')
    const first = await running()
    expect(first.length).toBeGreaterThan(0)
    await until('No function to run', async () => (await running()).length === 0)
    await until('All processes to end', () => !first.some(isAlive))
    expect((await analyze('late', 3_001)).end.status).toBe('completed')
    await expectSettled(platform)
  })

  it('fail no request when a process is terminated under load', async () => {
    const { client, jobId } = await analyze('steady', 3_002)
    let stopped = 0
    let sent = 0
    const begin = () =>
      fetch(new URL('/api/v1/auth/login/kakao/begin', platform.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uri: localRedirectUri }),
      })
    const work = async (nth: number) => {
      while (stopped < 3) {
        sent += 1
        if (nth % 2 === 0) expect(await client.status(jobId)).toMatchObject({ status: 'completed' })
        else expect((await begin()).status).toBe(201)
      }
    }
    const stop = async () => {
      while (stopped < 3) {
        const before = sent
        const victims = await Promise.all(['waste-status', 'auth-login'].map((name) => platform.instancesOf(name)))
        const processIds = victims.flat().map(({ processId }) => Number(processId))
        for (const processId of processIds) process.kill(processId, 'SIGTERM')
        await until('The processes to end', () => !processIds.some(isAlive))
        await until('Requests after the end', () => sent > before + 40)
        stopped += 1
      }
    }
    await Promise.all([stop(), ...Array.from({ length: 8 }, (_, nth) => work(nth))])
    expect(sent).toBeGreaterThan(120)
  })
})
