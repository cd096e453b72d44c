import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '../../local/demo/api-error.ts'
import type { GrowbinClient } from '../analyses/analyse-photo.ts'
import type { DrawnPhoto } from '../analyses/draw-photos.ts'

export const pollMs = 2_000
export const thinkMs = { min: 1_000, max: 2_000 }
const refusedMs = 1_000
const maxAttempts = 30

export type Answered = { atMs: number; tookMs: number }
export type Seen = { answered: Answered[]; refused: number }

/** Sends one photo after the other until `endMs`, polls the status every two seconds, and waits for a think time between photos. */
export async function live(
  client: GrowbinClient,
  photos: Iterator<DrawnPhoto>,
  endMs: number,
  seen: Seen,
): Promise<void> {
  while (performance.now() < endMs) {
    const { value: photo } = photos.next()
    if (!photo) throw new Error('All photos are used up, expected more of them')
    const startedMs = performance.now()
    const jobId = await patiently(seen, () => client.upload(photo))
    await patiently(seen, () => client.completeUpload(jobId))
    for (;;) {
      await sleep(pollMs)
      const { status, reason, result } = await patiently(seen, () => client.status(jobId))
      if (status === 'failed') throw new Error(`The analysis of "${jobId}" failed: ${reason}`)
      if (status !== 'completed') continue
      if (result?.answered_by !== 'model') throw new Error(`A new photo was answered by "${result?.answered_by}"`)
      seen.answered.push({ atMs: performance.now(), tookMs: performance.now() - startedMs })
      break
    }
    await sleep(thinkMs.min + Math.random() * (thinkMs.max - thinkMs.min))
  }
}

/** Retries a temporarily refused request, as an app does. */
async function patiently<T>(seen: Seen, ask: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask()
    } catch (error) {
      const isRefusal = error instanceof ApiError && (error.status === 429 || error.status === 503)
      if (!isRefusal || tried === maxAttempts) throw error
      seen.refused += 1
      await sleep(error.retryAfterSeconds === undefined ? refusedMs : error.retryAfterSeconds * 1000)
    }
  }
}
