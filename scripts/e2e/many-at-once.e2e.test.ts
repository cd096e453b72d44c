import { afterEach, describe, expect, it } from 'vitest'
import { createGrowbinClient } from '../local/demo/growbin-client.ts'
import { type ChildPlatform, startChildPlatform } from './child/start-child-platform.ts'
import { expectSettled } from './expect-settled.ts'
import { patiently } from './patiently.ts'
import { drawVariant } from './photos.ts'
import { canStartServers, type StartedParts, startRealParts } from './real-parts.ts'

const peopleCount = 50
const distinctCount = 3

let parts: StartedParts | undefined
let platform: ChildPlatform | undefined
afterEach(async () => {
  await platform?.close()
  await parts?.close()
  platform = undefined
  parts = undefined
})

/** Every person sends three photos of their own and one of the first person's, all at once. */
async function analyzeAll(baseUrl: string) {
  const people = await Promise.all(
    Array.from({ length: peopleCount }, async (_, person) => {
      const client = createGrowbinClient({ baseUrl })
      await patiently(() => client.login('kakao', `person-${person}`))
      return client
    }),
  )
  const photos = await Promise.all(
    Array.from({ length: peopleCount * distinctCount }, (_, number) => drawVariant(number)),
  )
  return Promise.all(
    people.flatMap((client, person) =>
      [0, 1, 2, 3].map(async (nth) => {
        const photo = photos[nth < distinctCount ? person * distinctCount + nth : 0]
        if (!photo) throw new Error(`There is no photo ${nth} of person ${person}`)
        const jobId = await patiently(() => client.upload(photo))
        await patiently(() => client.completeUpload(jobId))
        return client.follow(jobId, () => undefined, 150_000)
      }),
    ),
  )
}

describe('200 analyses at once, of 50 people', () => {
  const completeOnce = async (running: ChildPlatform) => {
    const ends = await analyzeAll(running.url)
    expect(ends.map(({ status }) => status)).toEqual(Array(200).fill('completed'))
    expect(new Set(ends.map(({ job_id }) => job_id)).size).toBe(200)
    expect(ends.filter(({ result }) => result?.answered_by === 'exact_match').length).toBeGreaterThan(0)
    expect(await running.query('select count(*)::integer as results from waste.results')).toEqual([{ results: 200 }])
    // The model is called once for a distinct photo, and never twice for one job.
    expect(await running.query('select job_id from waste.model_calls group by job_id having count(*) > 1')).toEqual([])
    expect(await running.modelCalls()).toBeGreaterThanOrEqual(peopleCount)
    await expectSettled(running)
  }

  it('complete once each, on embedded parts in one process', async () => {
    platform = await startChildPlatform({ processes: false, real: {} })
    await completeOnce(platform)
  })

  it.skipIf(!canStartServers)('complete once each, on real parts with each function a process', async () => {
    parts = await startRealParts()
    platform = await startChildPlatform({ processes: true, real: parts.real, brokerUid: parts.brokerUid })
    await completeOnce(platform)
  })
})
