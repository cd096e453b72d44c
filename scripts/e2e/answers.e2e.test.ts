import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../lib/until.ts'
import { createGrowbinClient, type Photo } from '../local/demo/growbin-client.ts'
import { type ChildPlatform, startChildPlatform } from './child/start-child-platform.ts'
import { expectSettled } from './expect-settled.ts'
import { drawVariant, readPhoto } from './photos.ts'
import { canStartServers, type StartedParts, startRealParts } from './real-parts.ts'

const cityHall = { lat: 37.5663, lng: 126.9779 }
const combinations = [
  { parts: 'embedded', processes: false },
  { parts: 'embedded', processes: true },
  { parts: 'real', processes: false },
  { parts: 'real', processes: true },
] as const

for (const { parts, processes } of combinations) {
  const title = `on ${parts} parts, ${processes ? 'each function a process' : 'all functions in one process'}`
  describe.skipIf(parts === 'real' && !canStartServers)(title, () => {
    let started: StartedParts | undefined
    let platform: ChildPlatform
    beforeAll(async () => {
      started = parts === 'real' ? await startRealParts() : undefined
      platform = await startChildPlatform({
        processes,
        real: started?.real ?? {},
        overrides: { LOG_LEVEL: 'debug' },
        ...(started && { brokerUid: started.brokerUid }),
      })
    })
    afterAll(async () => {
      await platform?.close()
      await started?.close()
    })

    const signIn = async (name: string, language: 'ko' | 'en' = 'ko') => {
      const client = createGrowbinClient({ baseUrl: platform.url, language })
      const user = await client.login('kakao', name)
      return { ...client, userId: user.user_id }
    }
    const analyze = async (client: Awaited<ReturnType<typeof signIn>>, photo: Photo) => {
      const jobId = await client.upload(photo, cityHall)
      await client.completeUpload(jobId)
      return client.follow(jobId, () => undefined, 60_000)
    }

    it('answers a photo in Korean over the progress stream, and the same photo again without the model', async () => {
      const client = await signIn('first')
      const photo = await readPhoto('pet-bottle')
      const progress: number[] = []
      const jobId = await client.upload(photo, cityHall)
      await client.completeUpload(jobId)
      const { status, result } = await client.follow(jobId, (state) => progress.push(state.progress), 60_000)

      expect(status).toBe('completed')
      expect(result).toMatchObject({
        category: 'PET_CLEAR',
        recyclable: true,
        item_name: '투명 페트병',
        answered_by: 'model',
        feedback: expect.stringMatching(/[가-힣]{2}/),
      })
      expect(result?.disposal_steps.map(({ order }) => order)).toEqual(
        result?.disposal_steps.map((_, index) => index + 1),
      )
      expect(result?.disposal_steps.length).toBeGreaterThan(0)
      expect(result?.nearby_bins[0]).toMatchObject({
        name: expect.stringContaining('페트병'),
        distance_m: expect.any(Number),
      })
      expect(progress).toEqual([...progress].sort((a, b) => a - b))
      expect(progress.at(-1)).toBe(100)

      const modelCalls = await platform.modelCalls()
      const again = await analyze(client, photo)
      expect(again.result).toMatchObject({ category: 'PET_CLEAR', answered_by: 'exact_match' })
      expect(await platform.modelCalls()).toBe(modelCalls)
    })

    it('answers in English by polling', async () => {
      const client = await signIn('second', 'en')
      const jobId = await client.upload(await readPhoto('aluminium-can'))
      expect(await client.status(jobId)).toMatchObject({ status: 'created', progress: 0, result: null })
      await client.completeUpload(jobId)
      const end = await until('The end of the analysis', async () => {
        const status = await client.status(jobId)
        return status.status === 'completed' && status
      })
      expect(end).toMatchObject({
        progress: 100,
        message: 'Your answer is ready.',
        result: { category: 'CAN', item_name: 'aluminium can', nearby_bins: [] },
      })
      expect(end.result?.feedback).toMatch(/^[^가-힣]+$/)
    })

    it('treats the job of another person as one that does not exist', async () => {
      const [owner, stranger] = [await signIn('owner'), await signIn('stranger')]
      const jobId = await owner.upload(await drawVariant(900))
      const missing = { status: 404, reason: 'not_found' }
      await expect(stranger.status(jobId)).rejects.toMatchObject(missing)
      await expect(stranger.status(randomUUID())).rejects.toMatchObject(missing)
      await expect(stranger.completeUpload(jobId)).rejects.toMatchObject(missing)
      await expect(stranger.follow(jobId, () => undefined, 5_000)).rejects.toMatchObject(missing)
      expect(await owner.status(jobId)).toMatchObject({ status: 'created' })
    })

    it('refuses what is not a photo: by its declared type, and by its content', async () => {
      const client = await signIn('third')
      const text = { bytes: new TextEncoder().encode('no photo '.repeat(50)), contentType: 'text/plain' }
      await expect(client.upload(text)).rejects.toMatchObject({ status: 400, reason: 'invalid_request' })
      const jobId = await client.upload({ ...text, contentType: 'image/jpeg' })
      await expect(client.completeUpload(jobId)).rejects.toMatchObject({ status: 409, reason: 'upload_not_an_image' })
    })

    it('does not begin without the photo, and ends a job whose photo never arrived', async () => {
      const client = await signIn('fourth')
      const { job_id: jobId } = await client.openJob(await drawVariant(901))
      await expect(client.completeUpload(jobId)).rejects.toMatchObject({ status: 409, reason: 'upload_missing' })
      expect(await client.status(jobId)).toMatchObject({ status: 'created' })
      await platform.query(`update waste.jobs set upload_expires_at = now() - interval '2 minutes' where job_id = $1`, [
        jobId,
      ])
      expect(await client.follow(jobId, () => undefined, 30_000)).toMatchObject({
        status: 'failed',
        reason: 'upload_expired',
        result: null,
      })
    })

    it('logs one analysis under one trace, from the completed upload through the broker to the analysis', async () => {
      const client = await signIn('fifth')
      const { job_id: jobId } = await analyze(client, await drawVariant(902))
      const lines = await until('The log of the analysis', () => {
        const upload = platform
          .logs()
          .find(({ message, path }) => message === 'request' && String(path).includes(`upload-complete/${jobId}`))
        const ofTrace = platform
          .logs()
          .filter(({ trace_id }) => trace_id !== undefined && trace_id === upload?.trace_id)
        const isOver = ofTrace.some(({ service, message }) => service === 'waste-ai-analyze' && message === 'request')
        return isOver && ofTrace
      })
      const requests = lines
        .filter(({ message }) => message === 'request')
        .map(({ service, method }) => `${method} ${service}`)
      expect(requests).toEqual(['POST waste-upload-complete', 'POST waste-ai-analyze'])
      expect(lines[0]?.trace_id).toMatch(/^[0-9a-f]{32}$/)
      expect(lines.filter(({ job_id }) => job_id !== undefined && job_id !== jobId)).toEqual([])
      const opened = platform.logs().find(({ service, job_id }) => service === 'waste-presign' && job_id === jobId)
      expect(opened?.trace_id).not.toBe(lines[0]?.trace_id)
    })

    it('has lost nothing and left nothing behind, and logged no error', async () => {
      await expectSettled(platform)
      expect(platform.logs().filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([])
    })
  })
}
