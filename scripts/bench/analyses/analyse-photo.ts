import type { createGrowbinClient } from '../../local/demo/growbin-client.ts'
import type { DrawnPhoto } from './draw-photos.ts'

export type GrowbinClient = ReturnType<typeof createGrowbinClient>

export type AnalysedPhoto = {
  answeredBy: string
  /** Requesting the URL and uploading the photo. */
  uploadMs: number
  /** From the upload-complete request until the result arrived in the progress stream. */
  resultMs: number
}

const timeoutMs = 30_000

/** Sends one photo like the app does and waits for the answer. Throws when the analysis fails. */
export async function analysePhoto(client: GrowbinClient, photo: DrawnPhoto): Promise<AnalysedPhoto> {
  const startedMs = performance.now()
  const jobId = await client.upload(photo)
  const uploadedMs = performance.now()
  await client.completeUpload(jobId)
  const end = await client.follow(jobId, () => undefined, timeoutMs)
  if (!end.result) throw new Error(`The analysis of "${jobId}" failed: ${end.reason}`)
  return {
    answeredBy: end.result.answered_by,
    uploadMs: uploadedMs - startedMs,
    resultMs: performance.now() - uploadedMs,
  }
}
