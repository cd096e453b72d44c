import { analysePhoto } from '../../bench/analyses/analyse-photo.ts'
import { drawPhotos } from '../../bench/analyses/draw-photos.ts'
import { createGrowbinClient } from '../../local/demo/growbin-client.ts'
import type { ClusterTest } from './cluster-test.ts'

const people = 50
const analysesEach = 4
const photoSize = { width: 400, height: 300 }

export const analyses: ClusterTest = {
  name: `${people * analysesEach} analyses of ${people} people all get an answer`,
  run: async ({ baseUrl }) => {
    const outcomes = await analyseAtOnce(baseUrl)
    const failures = outcomes.filter((outcome) => outcome instanceof Error)
    const times = outcomes.filter((outcome) => typeof outcome === 'number').toSorted((one, other) => one - other)
    if (failures.length > 0)
      throw new Error(`${failures.length} of ${outcomes.length} failed, first: ${failures[0]?.message}`)
    return `${times.length} answers, p50 ${seconds(times, 0.5)}, p95 ${seconds(times, 0.95)}`
  },
}

/** Each person sends one photo after another. An outcome is the time from the end of the upload to the answer, or what went wrong. */
export async function analyseAtOnce(baseUrl: string): Promise<(number | Error)[]> {
  const photos = await drawPhotos(people * analysesEach, Math.random, photoSize)
  const outcomes = await Promise.all(
    Array.from({ length: people }, async (_, person) => {
      const own: (number | Error)[] = []
      const client = createGrowbinClient({ baseUrl, language: 'en' })
      try {
        await client.login('kakao', `person-${person}`)
        for (const photo of photos.slice(person * analysesEach, (person + 1) * analysesEach)) {
          own.push((await analysePhoto(client, photo)).resultMs)
        }
      } catch (error) {
        own.push(error as Error)
      }
      return own
    }),
  )
  return outcomes.flat()
}

const seconds = (sorted: readonly number[], share: number): string =>
  `${((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) / 1000).toFixed(1)} s`
