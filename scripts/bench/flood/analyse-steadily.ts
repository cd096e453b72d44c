import { setTimeout as sleep } from 'node:timers/promises'
import { analysePhoto, type GrowbinClient } from '../analyses/analyse-photo.ts'
import type { DrawnPhoto } from '../analyses/draw-photos.ts'

/**
 * Starts one analysis of a new person every `everyMs` milliseconds, without waiting for earlier ones. Resolves to the
 * milliseconds of each, from the upload-complete request to the result.
 */
export async function analyseSteadily(
  clients: readonly GrowbinClient[],
  photos: readonly DrawnPhoto[],
  everyMs: number,
): Promise<number[]> {
  const startedMs = performance.now()
  return Promise.all(
    photos.map(async (photo, n) => {
      await sleep(Math.max(0, startedMs + n * everyMs - performance.now()))
      const { answeredBy, resultMs } = await analysePhoto(clients[n % clients.length] as GrowbinClient, photo)
      if (answeredBy !== 'model') throw new Error(`A new photo was answered by "${answeredBy}", expected "model"`)
      return resultMs
    }),
  )
}
